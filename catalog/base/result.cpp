#include "catalog/base/result.h"

#include <cstring>

namespace lensfs {
namespace {

Errc code_of_errno(int error_number) noexcept {
  switch (error_number) {
    case ENOENT:
      return Errc::not_found;
    case EEXIST:
      return Errc::exists;
    case EACCES:
      return Errc::denied;
    case EPERM:
      return Errc::not_permitted;
    case EINVAL:
      return Errc::invalid;
    case ENOTDIR:
      return Errc::not_directory;
    case EISDIR:
      return Errc::is_directory;
    case ENOTEMPTY:
      return Errc::not_empty;
    case ENODATA:
      return Errc::no_attribute;
    case ERANGE:
      return Errc::range;
    case E2BIG:
    case EFBIG:
      return Errc::too_big;
    case ENAMETOOLONG:
      return Errc::name_too_long;
    case EOPNOTSUPP:
    case ENOSYS:
      return Errc::not_supported;
    case EROFS:
      return Errc::read_only;
    case ENOSPC:
    case EDQUOT:
      return Errc::no_space;
    case EBUSY:
    case EWOULDBLOCK:
    case ETXTBSY:
      return Errc::busy;
    case ESTALE:
      return Errc::stale;
    case EINTR:
      return Errc::interrupted;
    case EXDEV:
      return Errc::cross_device;
    case EMFILE:
    case ENFILE:
      return Errc::too_many_files;
    default:
      return Errc::io;
  }
}

}  // namespace

Error error_from_errno(int error_number, const char* text) noexcept {
  return Error(code_of_errno(error_number), text, error_number);
}

std::string Error::message() const {
  std::string message;
  const auto add = [&message](std::string_view part) {
    if (part.empty()) return;
    if (!message.empty()) message += ": ";
    message += part;
  };
  if (detail_) add(*detail_);
  add(text_);
  if (system_error_ != 0) {
    const char* words = strerrordesc_np(system_error_);
    add(words != nullptr ? words : name_of(code_));
  } else if (*text_ == '\0' && text_ != kQuoted) {
    add(name_of(code_));
  }
  return message;
}

const char* name_of(Errc code) noexcept {
  switch (code) {
    case Errc::not_found:
      return "not found";
    case Errc::exists:
      return "already there";
    case Errc::denied:
      return "not allowed";
    case Errc::not_permitted:
      return "not possible here";
    case Errc::invalid:
      return "malformed";
    case Errc::not_directory:
      return "not a directory";
    case Errc::is_directory:
      return "is a directory";
    case Errc::not_empty:
      return "not empty";
    case Errc::no_attribute:
      return "no such attribute";
    case Errc::range:
      return "buffer too small";
    case Errc::too_big:
      return "too big";
    case Errc::name_too_long:
      return "name too long";
    case Errc::not_supported:
      return "not supported";
    case Errc::read_only:
      return "read-only";
    case Errc::no_space:
      return "no space left";
    case Errc::busy:
      return "in use";
    case Errc::stale:
      return "stale";
    case Errc::io:
      return "input or output failed";
    case Errc::corrupt:
      return "damaged";
    case Errc::changed:
      return "changed while it was read";
    case Errc::interrupted:
      return "interrupted";
    case Errc::cross_device:
      return "on another file system";
    case Errc::too_many_files:
      return "too many open files";
    case Errc::usage:
      return "wrong usage";
  }
  return "unknown error";
}

}  // namespace lensfs
