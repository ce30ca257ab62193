// A catalog without a store, for tests of its rows.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/db/pool.h"
#include "catalog/model/project.h"
#include "catalog/model/tag.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"

namespace lensfs::test {

// An object that differs from that of every other number.
[[nodiscard]] ObjectKey object_number(int n, std::uint64_t size = 100);

class ModelTest : public testing::Test {
 public:
  ModelTest();

  // Runs `work(Transaction&)` in a transaction of its own; the test ends if it fails.
  template <typename Work>
  auto write(Work&& work) {
    return must(pool_->write(std::forward<Work>(work)));
  }
  // The same, with the error as the answer.
  template <typename Work>
  auto try_write(Work&& work) {
    return pool_->write(std::forward<Work>(work));
  }
  [[nodiscard]] Database& db() { return **reader_; }

  AssetId add(const std::string& name, const std::string& kind = "video");
  void tag(AssetId id, const std::string& term);
  [[nodiscard]] Asset asset(AssetId id) { return must(find_asset(db(), id)); }
  [[nodiscard]] std::vector<std::string> terms(AssetId id);
  // What was logged since the last call: "tagged asset 1 tag 2 clip.mov".
  [[nodiscard]] std::vector<std::string> new_changes();

  Actor actor_{.uid = 1000, .name = "ada"};

 private:
  TempDir dir_;
  std::unique_ptr<Pool> pool_;
  std::optional<Pool::Reader> reader_;
  ChangeId seen_{};
  int objects_ = 0;
};

}  // namespace lensfs::test
