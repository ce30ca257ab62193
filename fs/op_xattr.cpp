// Extended attributes: the kernel's side. What names mean is in attributes.h.
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "fs/access_attribute.h"
#include "fs/attributes.h"
#include "fs/control.h"
#include "fs/kernel_message.h"
#include "fs/ops.h"
#include "fs/real_names.h"
#include "fs/reply.h"
#include "fs/request.h"

namespace lensfs {
namespace {

// As getxattr(2): the size when asked with size 0, ERANGE when the buffer is too small.
void reply_value(fuse_req_t request, const std::string& value, size_t size) {
  if (size == 0) {
    fuse_reply_xattr(request, value.size());
  } else if (value.size() > size) {
    fuse_reply_err(request, ERANGE);
  } else {
    fuse_reply_buf(request, value.data(), value.size());
  }
}

Result<SetMode> mode_of(int flags) {
  switch (flags) {
    case 0:
      return SetMode::any;
    case XATTR_CREATE:
      return SetMode::create;
    case XATTR_REPLACE:
      return SetMode::replace;
    default:
      return fail(Errc::invalid);
  }
}

// Answers after the kernel was told what the change made stale, so that whoever sees the answer
// sees the change. Not for folders: their lock, which the telling needs, is held by the caller.
// Who may see what is different from now on: names that the kernel knows are asked for again, by
// whomever. Listings that it knows are told of by the notifier.
void forget_names(const Mount& mount) {
  const fuse_out_header message = all_names_message();
  if (::write(mount.options.fuse_fd, &message, sizeof message) < 0) errno = 0;  // an older kernel
}

void reply_changed(fuse_req_t request, NodeId at, const Status& status) {
  Notifier& notifier = mount_of(request).notifier;
  if (!status || class_of(at) != NodeClass::file) {
    reply_status(request, status);
    notifier.wake();
    return;
  }
  notifier.after_telling([request] { fuse_reply_err(request, 0); });
}

// Which profile the drive's root shows.
constexpr std::string_view kLensAttribute = "user.lensfs.lens";

bool is_lens(fuse_ino_t ino, std::string_view name) {
  return node(ino) == NodeId::root && name == kLensAttribute;
}

Status set_lens(Mount& mount, fuse_req_t request, std::string_view profile) {
  const uid_t uid = fuse_req_ctx(request)->uid;
  if (!mount.tree.access().is_owner(uid)) return fail(Errc::not_permitted);
  if (profile.size() >= sizeof mount.state->lens) return fail(Errc::invalid);
  if (profile == "original") profile = {};
  const Status rooted = mount.tree.root_at(profile);
  if (!rooted) return fail(is_missing(rooted) ? Error(Errc::invalid) : rooted.error());
  put_text(mount.state->lens, profile);
  return {};
}

// Samba takes the value for a C string, and ENODATA for a file system that cannot tell.
void reply_real_name(fuse_req_t request, NodeId folder, std::string_view name, size_t size) {
  if (is_control(folder)) return reply_error(request, Error(Errc::no_attribute));
  auto spelled = mount_of(request).real_names.find(folder, name);
  if (!spelled) return reply_error(request, spelled.error());
  spelled->push_back('\0');
  reply_value(request, *spelled, size);
}

}  // namespace

void op_getxattr(fuse_req_t request, fuse_ino_t ino, const char* name, size_t size) {
  if (is_control(node(ino))) return reply_error(request, Error(Errc::no_attribute));
  // Asked by the kernel whenever mode or owner are set.
  const bool is_systems = std::string_view(name).starts_with("system.") ||
                          std::string_view(name).starts_with("security.");
  NewFiles& new_files = mount_of(request).new_files;
  if (is_systems && new_files.draft_of(node(ino))) {
    return reply_error(request, Error(Errc::no_attribute));
  }
  if (!is_systems) new_files.settle();
  if (is_lens(ino, name)) {
    const std::string lens = mount_of(request).state->lens;
    return reply_value(request, lens.empty() ? "original" : lens, size);
  }
  if (const auto asked = asked_real_name(name)) {
    return reply_real_name(request, node(ino), *asked, size);
  }
  Tree& tree = mount_of(request).tree;
  const auto value = is_access_attribute(name) ? get_access_attribute(tree, node(ino), name)
                                               : get_attribute(tree, node(ino), name);
  if (!value) return reply_error(request, value.error());
  reply_value(request, *value, size);
}

void op_listxattr(fuse_req_t request, fuse_ino_t ino, size_t size) {
  if (is_control(node(ino))) return reply_value(request, "", size);
  const auto names = list_attributes(mount_of(request).tree, node(ino));
  if (!names) return reply_error(request, names.error());
  std::string joined;
  for (const std::string& name : *names) joined.append(name).push_back('\0');
  reply_value(request, joined, size);
}

void op_setxattr(fuse_req_t request, fuse_ino_t ino, const char* name, const char* value,
                 size_t size, int flags) {
  if (is_lens(ino, name)) {
    Mount& mount = mount_of(request);
    reply_status(request, set_lens(mount, request, {value, size}));
    return mount.notifier.forget_root();
  }
  const auto mode = mode_of(flags);
  if (!mode) return reply_error(request, mode.error());
  if (is_control(node(ino))) return reply_error(request, Error(Errc::not_permitted));
  Tree& tree = mount_of(request).tree;
  const std::string_view text(value, size);
  const Status set = is_access_attribute(name)
                         ? set_access_attribute(tree, asking_of(request), node(ino), name, text)
                         : set_attribute(tree, asking_of(request), node(ino), name, text, *mode);
  if (set && is_access_attribute(name)) forget_names(mount_of(request));
  reply_changed(request, node(ino), set);
}

void op_removexattr(fuse_req_t request, fuse_ino_t ino, const char* name) {
  Tree& tree = mount_of(request).tree;
  const Status removed = is_access_attribute(name)
                             ? remove_access_attribute(tree, asking_of(request), node(ino), name)
                             : remove_attribute(tree, asking_of(request), node(ino), name);
  if (removed && is_access_attribute(name)) forget_names(mount_of(request));
  reply_changed(request, node(ino), removed);
}

}  // namespace lensfs
