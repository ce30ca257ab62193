// What travels from the copiers to the committer.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "catalog/store/store.h"
#include "tools/ingest/source.h"

namespace lensfs {

// SharedHold: the hold that keeps the collector away from objects which the catalog does not name
// yet. Every staged file carries it until it is committed; a new one starts with each batch, so
// that no hold lasts for the whole run.
using SharedHold = std::shared_ptr<const Store::Hold>;

class HoldSource {
 public:
  explicit HoldSource(const Store& store) : store_(store) {}

  [[nodiscard]] Result<SharedHold> current() {
    const std::scoped_lock lock(mutex_);
    if (!hold_) {
      LENSFS_TRY(Store::Hold fresh, store_.hold());
      hold_ = std::make_shared<const Store::Hold>(std::move(fresh));
    }
    return hold_;
  }
  // Whoever asks from now on gets a new one.
  void renew() {
    const std::scoped_lock lock(mutex_);
    hold_.reset();
  }

 private:
  const Store& store_;
  std::mutex mutex_;  // guards hold_; rank: leaf
  SharedHold hold_;
};

// A file whose bytes lie in the store, though perhaps not durably yet.
struct StagedSource {
  SourceFile source;
  Fingerprint print;
  struct stat status {};
  std::string kind;
  ObjectKey object;
  CopyMethod method = CopyMethod::known;
  bool known = false;  // its bytes were there already
  SharedHold hold;
};

// A file that an earlier run ingested and that has not changed since.
struct KnownSource {
  SourceFile source;
  AssetId asset{};
};

// A directory: its folder is made even when it is empty.
struct FoundDirectory {
  std::shared_ptr<SourceDirectory> directory;
};

// A frame of a run that could not be read.
struct LostFrame {
  std::shared_ptr<SourceRun> run;
};

using Entry = std::variant<StagedSource, KnownSource, FoundDirectory, LostFrame>;

}  // namespace lensfs
