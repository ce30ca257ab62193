// A store in a directory of its own, and short words for what tests do with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/store/store.h"
#include "tests/support/temp_dir.h"

namespace lensfs::test {

// FakeClock: shows what it is set to.
class FakeClock : public Clock {
 public:
  [[nodiscard]] Nanoseconds now() const override { return time; }
  Nanoseconds time = 0;
};

// An id filter that leaves four bits: sixteen ids for all contents.
[[nodiscard]] ContentId four_bits(const ContentId& id);

// Library: a temporary library with its store open. Fails the test if that cannot be made.
class Library {
 public:
  explicit Library(const Store::Options& options = {});

  Store& store() { return *store_; }
  [[nodiscard]] std::filesystem::path path() const { return dir_ / "library"; }
  [[nodiscard]] std::filesystem::path staging() const { return path() / "staging"; }
  // A path for a source file, on the file system of the library.
  [[nodiscard]] std::filesystem::path source(std::string_view name = "source") const {
    return dir_ / name;
  }
  // Another store of the same library, as another process would open it.
  [[nodiscard]] std::unique_ptr<Store> opened_again(const Store::Options& options = {}) const;

 private:
  TempDir dir_;
  std::unique_ptr<Store> store_;
};

// Opens a file with these bytes.
Fd file_with(const std::filesystem::path& path, std::string_view bytes);
// Opens a file of `size` bytes with holes around each of the given places, where there are 4 KiB of
// bytes.
[[nodiscard]] Fd sparse_file(const std::filesystem::path& path, std::uint64_t size,
                             const std::vector<std::uint64_t>& islands);
[[nodiscard]] std::string bytes_of(int fd);
[[nodiscard]] std::uint64_t allocated_bytes(int fd);
[[nodiscard]] std::size_t entries_in(const std::filesystem::path& directory);

// Stages and keeps these bytes.
[[nodiscard]] Result<Stored> keep_bytes(Store& store, const std::filesystem::path& source,
                                        std::string_view bytes);
// The bytes of an object, "" and a failure if there is none.
[[nodiscard]] std::string bytes_in(const Store& store, const ObjectKey& key);
[[nodiscard]] std::vector<ObjectKey> objects_in(const Store& store);

// "content <n>", repeated to some length that depends on n.
[[nodiscard]] std::string content(std::size_t n);

}  // namespace lensfs::test
