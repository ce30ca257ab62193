// A project in which sequences are made, for tests of their rows.
#pragma once

#include <gmock/gmock.h>

#include "catalog/model/edit.h"
#include "catalog/model/file.h"
#include "catalog/model/sequence.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {

inline constexpr int kManifest = 900;

class Sequences : public ModelTest {
 protected:
  void SetUp() override {
    project_ = write([&](Transaction& txn) { return add_project(txn, actor_, {.name = "film"}); });
  }
  static std::string name_of(int frame) { return "plate." + std::to_string(frame) + ".exr"; }
  static NewFrame frame(int number) {
    return {static_cast<FrameNumber>(number), object_number(number), 7, name_of(number)};
  }
  // A file of the project with the bytes of that frame.
  AssetId add_file(int number) {
    return write([&](Transaction& txn) -> Result<AssetId> {
      LENSFS_TRY(const AssetId id,
                 add_asset(txn, actor_,
                           {.name = name_of(number),
                            .kind = "image",
                            .mode = 0644,
                            .first = {.object = object_number(number), .reason = "save"}}));
      LENSFS_CHECK(add_place(txn, actor_, project_.folder, id, {.name = name_of(number)}));
      return id;
    });
  }
  PlannedSequence plan(const std::vector<int>& numbers) {
    std::vector<NewFrame> frames;
    for (const int number : numbers) frames.push_back(frame(number));
    return must(plan_sequence(db(), project_.folder, std::move(frames)));
  }
  // Each manifest is an object of its own.
  Ingested put(const PlannedSequence& planned) {
    const ObjectKey manifest = object_number(kManifest + ++manifests_);
    return write([&](Transaction& txn) {
      return put_sequence(txn, actor_, planned, manifest, {.mode = 0644, .reason = "make"});
    });
  }
  Ingested make(const std::vector<int>& numbers) { return put(plan(numbers)); }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    must(each_place(db(), project_.folder,
                    [&](const PlacedAsset& placed) { all.push_back(placed.name); }));
    return all;
  }
  std::vector<std::int64_t> numbers_of(AssetId id) {
    std::vector<std::int64_t> numbers;
    for (const Frame& one : must(frames_of(db(), asset(id).version))) {
      if (!one.hidden) numbers.push_back(number(one.number));
    }
    return numbers;
  }
  bool is_named(int object) { return must(is_object_named(db(), object_number(object))); }
  void remove(const std::string& name) {
    write([&](Transaction& txn) {
      return remove_file(txn, actor_, project_.folder, name, Writing::no);
    });
  }

  Project project_;
  int manifests_ = 0;
};

}  // namespace lensfs::test
