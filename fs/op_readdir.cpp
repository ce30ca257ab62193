// readdir and readdirplus: a folder's entries from a listing that is made once per scan.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "catalog/base/log.h"
#include "fs/control.h"
#include "fs/kernel_message.h"
#include "fs/ops.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

enum class Form { plain, plus };

constexpr std::uint64_t kDot = 1;
constexpr std::uint64_t kDotDot = 2;

// Buffer: entries packed as the kernel wants them, up to the size it asked for.
class Buffer {
 public:
  Buffer(fuse_req_t request, std::size_t size, Form form)
      : request_(request), form_(form), bytes_(size) {}

  // False when it did not fit.
  bool add(const char* name, const fuse_entry_param& entry, std::uint64_t cookie) {
    const auto at = static_cast<off_t>(cookie);
    char* const into = bytes_.data() + used_;
    const std::size_t room = bytes_.size() - used_;
    const std::size_t size = form_ == Form::plus
                                 ? fuse_add_direntry_plus(request_, into, room, name, &entry, at)
                                 : fuse_add_direntry(request_, into, room, name, &entry.attr, at);
    if (size > room) return false;
    used_ += size;
    return true;
  }
  void reply() { fuse_reply_buf(request_, bytes_.data(), used_); }
  [[nodiscard]] bool is_empty() const { return used_ == 0; }

 private:
  fuse_req_t request_;
  Form form_;
  std::vector<char> bytes_;
  std::size_t used_ = 0;
};

// An entry that only names: the kernel makes no node of it and asks when somebody looks.
fuse_entry_param name_only(const Attributes& attributes) {
  fuse_entry_param entry{};
  entry.attr.st_ino = static_cast<ino_t>(attributes.ino);
  entry.attr.st_mode = attributes.mode;
  return entry;
}

Result<Tree::Shared> listing_of(Mount& mount, NodeId folder, off_t offset) {
  if (folder == NodeId::control) {
    LENSFS_TRY(const Attributes root, mount.tree.attributes(NodeId::root));
    auto listing = std::make_shared<Listing>(list_control(root));
    return Tree::Shared(std::move(listing));
  }
  return mount.tree.list(folder, offset == 0 ? Tree::Read::fresh : Tree::Read::again);
}

bool add_dots(Buffer& buffer, fuse_ino_t ino, off_t offset) {
  fuse_entry_param self{};
  self.attr.st_ino = ino;
  self.attr.st_mode = S_IFDIR;
  if (offset < 1 && !buffer.add(".", self, kDot)) return false;
  return offset >= 2 || buffer.add("..", self, kDotDot);
}

// The kernel keeps the listings of folders that it opens by itself, and takes one for whole when
// the end is answered. One that not everybody sees so, or that is old by now, is taken from it just
// before: the next reader finds nothing kept, and asks. This notification, unlike others, waits for
// no lock of the folder.
void forget_listing(const Mount& mount, fuse_ino_t ino) {
  const InvalidInode message = invalid_inode(node(ino), 0);
  if (::write(mount.options.fuse_fd, &message, sizeof message) < 0 && errno != ENOENT) {
    log::error("a listing stays in the kernel: {}", std::strerror(errno));
  }
}

void read_folder(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset, Form form) {
  Mount& mount = mount_of(request);
  const auto listing = listing_of(mount, node(ino), offset);
  if (!listing) return reply_error(request, listing.error());
  // What a changed folder was when the scan began is still what the scan goes on with, but the
  // kernel must not take its attributes for new.
  const bool holds = node(ino) == NodeId::control || mount.tree.holds(**listing);
  Buffer buffer(request, size, form);
  if (!add_dots(buffer, ino, offset)) return buffer.reply();
  const auto& entries = (*listing)->entries();
  std::string name;
  for (std::size_t i = (*listing)->after(static_cast<std::uint64_t>(offset)); i < entries.size();
       ++i) {
    const Listing::Entry& entry = entries[i];
    name.assign((*listing)->name(entry));
    // What is being written is another size by the time the kernel hears of it.
    const bool whole = holds && entry.keep == Keep::until_told && !entry.attributes.moving;
    const fuse_entry_param param =
        whole ? entry_of(entry.node, entry.attributes, entry.keep) : name_only(entry.attributes);
    if (!buffer.add(name.c_str(), param, entry.cookie)) break;
  }
  const bool may_be_kept = holds && !(*listing)->is_mixed && !(*listing)->is_momentary;
  if (!may_be_kept && buffer.is_empty()) forget_listing(mount, ino);
  buffer.reply();
}

}  // namespace

// ENOSYS tells the kernel never to ask again: it opens and caches folders by itself.
void op_opendir(fuse_req_t request, fuse_ino_t, fuse_file_info*) {
  fuse_reply_err(request, ENOSYS);
}

void op_readdir(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset, fuse_file_info*) {
  read_folder(request, ino, size, offset, Form::plain);
}

void op_readdirplus(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset,
                    fuse_file_info*) {
  read_folder(request, ino, size, offset, Form::plus);
}

}  // namespace lensfs
