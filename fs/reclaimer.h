// Reclaimer: gives room back. One thread that removes the objects of what was purged through this
// mount, lets go of files that were purged anywhere, and forgets files that lost their names once
// nobody has them open, so that the versions they showed can be purged. It also keeps room for the
// catalog, without which nothing could be removed from a full disk.
//
// Nothing depends on it: what it does not get done is left for `lensfs gc`.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/ids.h"
#include "fs/open_files.h"

namespace lensfs {

class Reclaimer {
 public:
  Reclaimer(Catalog& catalog, OpenFiles& open_files, std::string mount)
      : catalog_(catalog), open_files_(open_files), mount_(std::move(mount)) {}
  ~Reclaimer();
  Reclaimer(const Reclaimer&) = delete;
  Reclaimer& operator=(const Reclaimer&) = delete;

  void start();
  // Objects that nothing names, or will once the asset's rows go, which is when it is closed.
  struct Freed {
    AssetId asset{};
    std::vector<ObjectKey> objects;
  };
  void add(Freed freed);
  // The file was purged: its bytes are held open no longer than applications do. Cheap.
  void gone(NodeId file);
  // Does what can be done and ends. For the end of a mount.
  void finish();

 private:
  void run(const std::stop_token& stop);
  void collect(std::vector<Freed> all);
  void let_go(std::vector<NodeId> files);
  [[nodiscard]] Status forget_closed();

  Catalog& catalog_;
  OpenFiles& open_files_;
  std::string mount_;
  std::mutex mutex_;  // guards all below; rank: leaf
  std::condition_variable_any wake_;
  std::vector<Freed> freed_;
  std::vector<NodeId> gone_;
  bool news_ = false;
  bool finishing_ = false;
  std::jthread thread_;
};

}  // namespace lensfs
