// How a failure travels: as a value. Nothing the project owns throws across a function.
//
// Errors that a file system meets every moment (not_found, exists, denied) never allocate: a
// static text is enough. What a person will read carries a detail that names the thing.
#pragma once

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace lensfs {

enum class Errc {
  not_found,       // no such thing (ENOENT)
  exists,          // already there (EEXIST)
  denied,          // not allowed (EACCES)
  not_permitted,   // never possible here (EPERM)
  invalid,         // malformed input (EINVAL)
  not_directory,   // (ENOTDIR)
  is_directory,    // (EISDIR)
  not_empty,       // (ENOTEMPTY)
  no_attribute,    // no such extended attribute (ENODATA)
  range,           // the caller's buffer is too small (ERANGE)
  too_big,         // a value is over its limit (E2BIG)
  name_too_long,   // (ENAMETOOLONG)
  not_supported,   // (ENOTSUP)
  read_only,       // (EROFS)
  no_space,        // the store has no room (ENOSPC)
  busy,            // in use or locked for too long (EBUSY)
  stale,           // a node id that means nothing any more (ESTALE)
  io,              // the disk or the operating system failed (EIO)
  corrupt,         // bytes or rows are not what they were (EIO)
  changed,         // a source changed while it was read
  interrupted,     // somebody asked to stop (EINTR)
  cross_device,    // (EXDEV)
  too_many_files,  // out of descriptors (EMFILE)
  usage,           // a command line that makes no sense
};

// Error: a code for programs, a static text for logs, and an optional detail for people.
// Move-only values are avoided: copying shares the detail.
class Error {
 public:
  // `system_error` is the errno value behind it, when the operating system failed, else 0.
  explicit Error(Errc code, const char* text = "", int system_error = 0) noexcept
      : code_(code), system_error_(system_error), text_(text) {}

  // One that came from another process: message() is what it said, and nothing else.
  [[nodiscard]] static Error quoted(Errc code, std::string_view message) {
    return Error(code, kQuoted).with(message);
  }

  [[nodiscard]] Errc code() const noexcept { return code_; }
  [[nodiscard]] const char* text() const noexcept { return text_; }
  [[nodiscard]] int system_error() const noexcept { return system_error_; }

  // Adds what the error is about ("clip.mov: needs 12.4 GB, 3.1 GB free"). Later calls come first.
  [[nodiscard]] Error with(std::string_view detail) const {
    Error copy = *this;
    copy.detail_ = std::make_shared<const std::string>(
        detail_ ? std::string(detail) + ": " + *detail_ : std::string(detail));
    return copy;
  }

  // "detail: text: what the system said" for people; never empty.
  [[nodiscard]] std::string message() const;

 private:
  static constexpr char kQuoted[] = "";  // known by its address

  Errc code_;
  int system_error_;
  const char* text_;
  std::shared_ptr<const std::string> detail_;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// Whether it failed because there is no such thing.
template <typename T>
[[nodiscard]] bool is_missing(const Result<T>& result) {
  return !result && result.error().code() == Errc::not_found;
}

// The error that an errno value stands for; `text` says what was tried ("open", "fsync").
[[nodiscard]] Error error_from_errno(int error_number, const char* text) noexcept;

// The failure of the call just made, from errno.
[[nodiscard]] inline tl::unexpected<Error> last_error(const char* text) noexcept {
  return tl::unexpected(error_from_errno(errno, text));
}

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, const char* text = "") noexcept {
  return tl::unexpected(Error(code, text));
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) noexcept {
  return tl::unexpected(std::move(error));
}

// "not found", "no space" …: the plain words for a code.
[[nodiscard]] const char* name_of(Errc code) noexcept;

}  // namespace lensfs

#define LENSFS_CONCAT_RAW(a, b) a##b
#define LENSFS_CONCAT(a, b) LENSFS_CONCAT_RAW(a, b)

// LENSFS_TRY(Fd fd, open_file(path)); declares `fd`, or returns the error.
#define LENSFS_TRY(declaration, ...)                                                \
  auto LENSFS_CONCAT(lensfs_try_, __LINE__) = (__VA_ARGS__);                        \
  if (!LENSFS_CONCAT(lensfs_try_, __LINE__))                                        \
    return tl::unexpected(std::move(LENSFS_CONCAT(lensfs_try_, __LINE__)).error()); \
  declaration = *std::move(LENSFS_CONCAT(lensfs_try_, __LINE__))

// LENSFS_CHECK(store.sync()); returns the error, if there is one.
#define LENSFS_CHECK(...)                                          \
  if (auto LENSFS_CONCAT(lensfs_check_, __LINE__) = (__VA_ARGS__); \
      !LENSFS_CONCAT(lensfs_check_, __LINE__))                     \
  return tl::unexpected(std::move(LENSFS_CONCAT(lensfs_check_, __LINE__)).error())
