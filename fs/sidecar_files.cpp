#include "fs/sidecar_files.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lensfs {
namespace {

constexpr off_t kMostText = off_t{16} << 20U;  // bytes that are taken

Result<Fd> file_of_text(const std::string& text) {
  Fd file(::memfd_create("lensfs-sidecar", MFD_CLOEXEC));
  if (file.get() < 0) return last_error("memfd_create");
  const ssize_t put = ::pwrite(file.get(), text.data(), text.size(), 0);
  if (put != static_cast<ssize_t>(text.size())) return last_error("write");
  return file;
}

Result<std::string> text_of(int file) {
  struct stat is {};
  if (::fstat(file, &is) != 0) return last_error("fstat");
  if (is.st_size > kMostText) return fail(Errc::too_big, "a sidecar has over 16 MiB");
  std::string text(static_cast<std::size_t>(is.st_size), '\0');
  const ssize_t got = ::pread(file, text.data(), text.size(), 0);
  if (got < 0) return last_error("read");
  text.resize(static_cast<std::size_t>(got));
  return text;
}

}  // namespace

Result<SidecarFiles::Shared> SidecarFiles::open(NodeId node) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto at = files_.find(node); at != files_.end()) {
      ++at->second->opens_;
      return at->second;
    }
  }
  LENSFS_TRY(const std::string text, tree_.sidecar_text(node));
  LENSFS_TRY(Fd bytes, file_of_text(text));
  const std::scoped_lock lock(mutex_);
  const auto [at, fresh] = files_.try_emplace(node);
  if (fresh) at->second = std::make_shared<File>(std::move(bytes));
  ++at->second->opens_;
  return at->second;
}

Result<SidecarFiles::Shared> SidecarFiles::find(NodeId node) {
  const std::scoped_lock lock(mutex_);
  const auto at = files_.find(node);
  if (at == files_.end()) return fail(Errc::stale);
  return at->second;
}

Result<Attributes> SidecarFiles::attributes(NodeId node) {
  LENSFS_TRY(Attributes shown, tree_.attributes(node));
  const auto open = find(node);
  struct stat is {};
  if (open && ::fstat((*open)->fd(), &is) == 0) shown.size = is.st_size;
  return shown;
}

Status SidecarFiles::take(const Asking& asking, NodeId node, Closed closed) {
  const auto open = find(node);
  if (!open) return {};
  const std::uint64_t changes = (*open)->changes_;
  {
    const std::scoped_lock lock(mutex_);
    if ((*open)->taken_ == changes) return {};
  }
  LENSFS_TRY(const std::string text, text_of((*open)->fd()));
  // A shell closes what it truncated once before anything is written.
  if (text.empty() && closed == Closed::once) return {};
  LENSFS_CHECK(tree_.take_sidecar(asking, node, text));
  const std::scoped_lock lock(mutex_);
  (*open)->taken_ = changes;
  return {};
}

void SidecarFiles::release(const Asking& asking, NodeId node) {
  if (const auto open = find(node); open) {
    const auto text = text_of((*open)->fd());
    if (text && text->empty()) static_cast<void>(take(asking, node, Closed::for_good));
  }
  const std::scoped_lock lock(mutex_);
  const auto at = files_.find(node);
  if (at != files_.end() && --at->second->opens_ == 0) files_.erase(at);
}

}  // namespace lensfs
