#include "tests/unit/store/library.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <iterator>

namespace lensfs::test {

ContentId four_bits(const ContentId& id) {
  ContentId weak;
  weak.bytes[0] = id.bytes[0] & 0x0FU;
  return weak;
}

Library::Library(const Store::Options& options) {
  std::filesystem::create_directory(path());
  EXPECT_TRUE(Store::create(path()));
  store_ = opened_again(options);
}

std::unique_ptr<Store> Library::opened_again(const Store::Options& options) const {
  auto store = Store::open(path(), options);
  EXPECT_TRUE(store);
  return std::move(store).value_or(nullptr);
}

Fd file_with(const std::filesystem::path& path, std::string_view bytes) {
  auto file = open_path(path, O_RDWR | O_CREAT | O_TRUNC);
  EXPECT_TRUE(file) << path;
  EXPECT_TRUE(write_full(file->get(), std::as_bytes(std::span(bytes)), 0));
  return std::move(*file);
}

Fd sparse_file(const std::filesystem::path& path, std::uint64_t size,
               const std::vector<std::uint64_t>& islands) {
  Fd file = file_with(path, "");
  EXPECT_EQ(::ftruncate(file.get(), static_cast<off_t>(size)), 0);
  const std::string bytes(4096, 'i');
  for (const std::uint64_t place : islands) {
    EXPECT_TRUE(write_full(file.get(), std::as_bytes(std::span(bytes)), static_cast<off_t>(place)));
  }
  return file;
}

std::string bytes_of(int fd) {
  const auto status = stat_of(fd);
  EXPECT_TRUE(status);
  std::string bytes(static_cast<std::size_t>(status->st_size), '\0');
  EXPECT_EQ(read_full(fd, std::as_writable_bytes(std::span(bytes)), 0).value(), bytes.size());
  return bytes;
}

std::uint64_t allocated_bytes(int fd) {
  return static_cast<std::uint64_t>(stat_of(fd).value().st_blocks) * 512;
}

std::size_t entries_in(const std::filesystem::path& directory) {
  const std::filesystem::directory_iterator entries(directory);
  return static_cast<std::size_t>(std::distance(entries, {}));
}

Result<Stored> keep_bytes(Store& store, const std::filesystem::path& source,
                          std::string_view bytes) {
  const Fd file = file_with(source, bytes);
  LENSFS_TRY(StagedFile staged, store.stage_copy(file.get(), {}, {}));
  return store.keep(std::move(staged));
}

std::string bytes_in(const Store& store, const ObjectKey& key) {
  const auto object = store.open_object(key);
  EXPECT_TRUE(object) << Store::relative_path(key);
  return object ? bytes_of(object->get()) : "";
}

std::vector<ObjectKey> objects_in(const Store& store) {
  std::vector<ObjectKey> keys;
  EXPECT_TRUE(store.each_object([&](const ObjectKey& key) -> Status {
    keys.push_back(key);
    return {};
  }));
  return keys;
}

std::string content(std::size_t n) {
  // All of one length, so that a weak hash makes them collide.
  std::string text = "content " + std::to_string(n);
  text.resize(100 + n % 3, '.');
  return text;
}

}  // namespace lensfs::test
