#include "fs/creation_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "catalog/store/staging.h"

namespace lensfs {
namespace {

constexpr std::size_t kLongestRecord = 64U << 10U;
constexpr std::int64_t kNone = -1;  // the length of a text that is not there

struct Head {
  std::uint32_t size = 0;      // of what follows
  std::uint32_t number = 0;    // of the record, in both parts
  std::uint64_t checksum = 0;  // XXH3 of it
};

std::filesystem::path directory_of(const std::filesystem::path& library) {
  return library / "staging" / kNewFilesDirectory;
}

std::filesystem::path part_of(const std::filesystem::path& library, const std::string& mount,
                              std::size_t part) {
  return directory_of(library) / (mount + "." + std::to_string(part));
}

class Writer {
 public:
  Writer& number(std::int64_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Writer& text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes_.append(value);
    return *this;
  }
  Writer& text_or_none(const std::optional<std::string>& value) {
    return value ? text(*value) : number(kNone);
  }
  // With its head.
  [[nodiscard]] std::string record(std::uint32_t number) {
    const std::string_view body = std::string_view(bytes_).substr(sizeof(Head));
    const Head head{.size = static_cast<std::uint32_t>(body.size()),
                    .number = number,
                    .checksum = XXH3_64bits(body.data(), body.size())};
    std::memcpy(bytes_.data(), &head, sizeof head);
    return std::move(bytes_);
  }

 private:
  std::string bytes_ = std::string(sizeof(Head), '\0');
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::int64_t number() {
    std::int64_t value = 0;
    if (bytes_.size() < sizeof value) {
      is_whole_ = false;
      return 0;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::optional<std::string> text() {
    const std::int64_t size = number();
    if (size == kNone) return std::nullopt;
    if (size < 0 || static_cast<std::size_t>(size) > bytes_.size()) {
      is_whole_ = false;
      return std::nullopt;
    }
    std::string value(bytes_.substr(0, static_cast<std::size_t>(size)));
    bytes_.remove_prefix(static_cast<std::size_t>(size));
    return value;
  }
  [[nodiscard]] bool is_whole() const { return is_whole_; }

 private:
  std::string_view bytes_;
  bool is_whole_ = true;
};

std::string record_of(const DeferredFile& made, std::uint32_t at) {
  Writer writer;
  writer.number(number(made.asset)).number(number(made.draft)).number(number(made.folder));
  writer.number(made.made).number(made.request.request);
  writer.number(made.file.uid).number(made.file.gid).number(made.file.mode);
  writer.text(made.file.name).text_or_none(made.file.raw_name);
  writer.number(made.actor.uid).text(made.actor.name).text(made.actor.program);
  writer.number(made.actor.origin ? 1 : 0).number(made.actor.origin.value_or(0));
  writer.number(made.changed).number(made.atime ? 1 : 0).number(made.atime.value_or(0));
  return writer.record(at);
}

std::optional<DeferredFile> made_from(std::string_view body, const std::string& mount) {
  Reader reader(body);
  DeferredFile made;
  made.asset = static_cast<AssetId>(reader.number());
  made.draft = static_cast<DraftId>(reader.number());
  made.folder = static_cast<FolderId>(reader.number());
  made.made = reader.number();
  made.request = {.mount = mount, .request = reader.number()};
  made.file.uid = reader.number();
  made.file.gid = reader.number();
  made.file.mode = reader.number();
  made.file.name = reader.text().value_or("");
  made.file.raw_name = reader.text();
  made.actor.uid = reader.number();
  made.actor.name = reader.text().value_or("");
  made.actor.program = reader.text().value_or("");
  const bool has_origin = reader.number() != 0;
  const std::int64_t origin = reader.number();
  if (has_origin) made.actor.origin = origin;
  made.changed = reader.number();
  const bool has_atime = reader.number() != 0;
  const Nanoseconds atime = reader.number();
  if (has_atime) made.atime = atime;
  if (!reader.is_whole() || made.file.name.empty()) return std::nullopt;
  return made;
}

}  // namespace

Result<CreationLog> CreationLog::open(const std::filesystem::path& library,
                                      const std::string& mount) {
  const std::filesystem::path directory = directory_of(library);
  if (::mkdir(directory.c_str(), 0777) != 0 && errno != EEXIST) {
    return last_error("make the directory of new files");
  }
  CreationLog log;
  for (std::size_t part = 0; part < log.parts_.size(); ++part) {
    LENSFS_TRY(log.parts_[part].file,
               open_path(part_of(library, mount, part), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW));
    LENSFS_TRY(const struct stat status, stat_of(log.parts_[part].file.get()));
    log.parts_[part].size = status.st_size;
  }
  return log;
}

void CreationLog::remove(const std::filesystem::path& library, const std::string& mount) {
  for (const std::size_t part : {0U, 1U}) ::unlink(part_of(library, mount, part).c_str());
}

std::vector<std::string> CreationLog::mounts(const std::filesystem::path& library) {
  std::vector<std::string> mounts;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_of(library), error)) {
    const std::string mount = entry.path().stem();
    if (std::find(mounts.begin(), mounts.end(), mount) == mounts.end()) mounts.push_back(mount);
  }
  return mounts;
}

Status CreationLog::append(const DeferredFile& made) {
  Part& part = parts_[current_];
  const std::string record = record_of(made, ++records_);
  const ssize_t written = ::write(part.file.get(), record.data(), record.size());
  if (written == static_cast<ssize_t>(record.size())) {
    part.size += written;
    return {};
  }
  const Status failed = written < 0 ? Status(last_error("note a new file")) : fail(Errc::no_space);
  static_cast<void>(::ftruncate(part.file.get(), part.size));  // half a record
  return failed;
}

void CreationLog::turn_over() {
  const std::size_t other = 1 - current_;
  if (parts_[other].size > 0) return;
  older_ = current_;
  current_ = other;
}

Status CreationLog::forget_older() {
  if (older_ == current_) return {};
  if (::ftruncate(parts_[older_].file.get(), 0) != 0) return last_error("forget new files");
  parts_[older_].size = 0;
  older_ = current_;
  return {};
}

Result<std::vector<DeferredFile>> CreationLog::read(const std::string& mount) const {
  struct Last {
    std::uint32_t number = 0;
    DeferredFile made;
  };
  std::map<AssetId, Last> noted;
  for (const Part& part : parts_) {
    std::int64_t at = 0;
    for (;;) {
      Head head;
      LENSFS_TRY(const std::size_t got,
                 read_full(part.file.get(), std::as_writable_bytes(std::span(&head, 1)), at));
      if (got < sizeof head || head.size > kLongestRecord) break;
      std::string body(head.size, '\0');
      LENSFS_TRY(const std::size_t size,
                 read_full(part.file.get(), std::as_writable_bytes(std::span(body)),
                           at + static_cast<std::int64_t>(sizeof head)));
      if (size < body.size() || XXH3_64bits(body.data(), body.size()) != head.checksum) break;
      auto made = made_from(body, mount);
      if (!made) break;
      Last& last = noted[made->asset];
      if (head.number > last.number) last = {head.number, *std::move(made)};
      at += static_cast<std::int64_t>(sizeof head + body.size());
    }
  }
  std::vector<DeferredFile> all;
  for (auto& [asset, last] : noted) all.push_back(std::move(last.made));
  return all;
}

}  // namespace lensfs
