// NodeId: the number by which the kernel and the mount speak of a file or folder; also its st_ino.
//
// It means the same to every process that ever serves the library, because it is made of catalog
// ids or of a hash of what the folder stands for, and never of memory: a new server, a remount and
// an exported handle all find the same thing. 60 bits: class in bits 56-59, payload below.
#pragma once

#include <cstdint>
#include <string_view>

#include "catalog/model/ids.h"

namespace lensfs {

enum class NodeId : std::uint64_t {
  root = 1,
  projects = 2,
  tags = 3,
  search = 4,
  control = 5,            // /.lensfs
  control_status = 6,     // /.lensfs/status
  control_requests = 7,   // /.lensfs/requests
  trash = 8,              // /Trash
  versions = 9,           // /Versions
  resolutions = 10,       // /Resolutions
  control_jobs = 11,      // /.lensfs/jobs
  control_searches = 12,  // /.lensfs/searches
};

enum class NodeClass : std::uint8_t {
  fixed = 0,      // the enumerators above
  file = 1,       // what the names of an asset lead to
  folder = 2,     // a folder of a project
  tag = 3,        // a term
  path = 4,       // anything known by what was typed: searches, narrowed folders, facets, links
  version = 5,    // a version of an asset as such, never to change
  time = 6,       // a folder seen through a lens of time, or a history; known by what was typed
  lens = 7,       // a folder seen through a profile
  rendition = 8,  // a rendition of a version: both ids
  brought = 9,    // a file that is being written to become a rendition; its worker knows it
  outline = 10,   // a rendition that is rendered when it is read: both ids
  frame = 11,     // a frame of a version of a sequence: its id and the frame's number
  sequence = 12,  // a sequence as the folder that it is; what leads to it, and from where
  past_sequence = 13,  // the same of a version as such
  sidecar = 14,        // a text made of what the catalog knows of a file (view_sidecar.h)
};

inline constexpr int kNodeClassShift = 56;
inline constexpr std::uint64_t kNodePayloadMask = (std::uint64_t{1} << kNodeClassShift) - 1;

[[nodiscard]] constexpr NodeId make_node(NodeClass node_class, std::uint64_t payload) {
  return static_cast<NodeId>((static_cast<std::uint64_t>(node_class) << kNodeClassShift) |
                             (payload & kNodePayloadMask));
}
[[nodiscard]] constexpr std::uint64_t payload_of(NodeId node) {
  return static_cast<std::uint64_t>(node) & kNodePayloadMask;
}
[[nodiscard]] constexpr NodeClass class_of(NodeId node) {
  return static_cast<NodeClass>((static_cast<std::uint64_t>(node) >> kNodeClassShift) & 0xFF);
}

// The number of a folder known by its description. `salt` > 0 is for the collision nobody has seen.
[[nodiscard]] NodeId hashed_node(NodeClass node_class, std::string_view spec, unsigned salt);

// A folder has one name, unlike a file: whoever deletes it by one of them, or stands in it, must
// not meet those who see it by another. So a sequence is another node in each folder that shows it.
// Views say by file or version which sequence an entry is; Tree makes this of it.
inline constexpr int kSequenceBits = 32;
inline constexpr std::uint64_t kSequenceMask = (std::uint64_t{1} << kSequenceBits) - 1;
// Set where deleting deletes: in a project, in the trash.
inline constexpr std::uint64_t kSequenceMayGo = std::uint64_t{1} << kSequenceBits;

[[nodiscard]] constexpr NodeId node_of(FileId file) {
  return make_node(NodeClass::file, static_cast<std::uint64_t>(file));
}
[[nodiscard]] constexpr FileId file_of(NodeId node) {
  const bool is_sequence = class_of(node) == NodeClass::sequence;
  return static_cast<FileId>(payload_of(node) & (is_sequence ? kSequenceMask : kNodePayloadMask));
}
[[nodiscard]] constexpr NodeId node_of(VersionId version) {
  return make_node(NodeClass::version, static_cast<std::uint64_t>(version));
}
[[nodiscard]] constexpr NodeId sequence_in(NodeId folder, NodeId file_or_version) {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  constexpr int kHashBits = kNodeClassShift - kSequenceBits - 1;
  const std::uint64_t hash = (static_cast<std::uint64_t>(folder) * kGolden) >> (64 - kHashBits);
  const bool may_go = class_of(folder) == NodeClass::folder || folder == NodeId::trash;
  const bool is_past = class_of(file_or_version) == NodeClass::version;
  return make_node(is_past ? NodeClass::past_sequence : NodeClass::sequence,
                   (hash << (kSequenceBits + 1)) | (may_go ? kSequenceMayGo : 0) |
                       (payload_of(file_or_version) & kSequenceMask));
}
[[nodiscard]] constexpr NodeId node_of(FolderId folder) {
  return make_node(NodeClass::folder, static_cast<std::uint64_t>(folder));
}
[[nodiscard]] constexpr NodeId node_of(TagId tag) {
  return make_node(NodeClass::tag, static_cast<std::uint64_t>(tag));
}
// A rendition belongs to an object, which several assets may share; its file belongs to one of
// them.
inline constexpr int kRenditionBits = 28;
[[nodiscard]] constexpr NodeId make_node(NodeClass node_class, VersionId version, std::int64_t of) {
  return make_node(node_class, (static_cast<std::uint64_t>(version) << kRenditionBits) |
                                   static_cast<std::uint64_t>(of));
}
[[nodiscard]] constexpr std::uint64_t part_of_version(NodeId node) {
  return payload_of(node) & ((std::uint64_t{1} << kRenditionBits) - 1);
}
[[nodiscard]] constexpr NodeId node_of(VersionId version, RenditionId rendition) {
  return make_node(NodeClass::rendition, version, number(rendition));
}
[[nodiscard]] constexpr RenditionId rendition_of(NodeId node) {
  return static_cast<RenditionId>(part_of_version(node));
}
[[nodiscard]] constexpr NodeId node_of(VersionId version, OutlineId outline) {
  return make_node(NodeClass::outline, version, number(outline));
}
[[nodiscard]] constexpr OutlineId outline_of(NodeId node) {
  return static_cast<OutlineId>(part_of_version(node));
}
[[nodiscard]] constexpr bool is_rendition(NodeId node) {
  return class_of(node) == NodeClass::rendition || class_of(node) == NodeClass::outline;
}

[[nodiscard]] constexpr NodeId node_of(VersionId version, FrameNumber frame) {
  return make_node(NodeClass::frame, (static_cast<std::uint64_t>(version) << kFrameBits) |
                                         static_cast<std::uint64_t>(frame));
}
[[nodiscard]] constexpr FrameNumber frame_of(NodeId node) {
  return static_cast<FrameNumber>(payload_of(node) & ((std::uint64_t{1} << kFrameBits) - 1));
}

// What the names of an asset lead to, a sequence included.
[[nodiscard]] constexpr bool is_of_asset(NodeId node) {
  return class_of(node) == NodeClass::file || class_of(node) == NodeClass::sequence;
}

// What shows a version, a rendition or a frame of one: it never changes.
[[nodiscard]] constexpr bool is_version(NodeId node) {
  switch (class_of(node)) {
    case NodeClass::version:
    case NodeClass::rendition:
    case NodeClass::outline:
    case NodeClass::frame:
    case NodeClass::past_sequence:
      return true;
    case NodeClass::fixed:
    case NodeClass::file:
    case NodeClass::folder:
    case NodeClass::tag:
    case NodeClass::path:
    case NodeClass::time:
    case NodeClass::lens:
    case NodeClass::brought:
    case NodeClass::sequence:
    case NodeClass::sidecar:
      break;
  }
  return false;
}

// What leads to bytes that are only seen, never changed: through a lens of time or of resolution.
[[nodiscard]] constexpr bool is_through_lens(NodeId node) {
  return is_version(node) || class_of(node) == NodeClass::time ||
         class_of(node) == NodeClass::lens || node == NodeId::versions ||
         node == NodeId::resolutions;
}

// The version that such a node shows, or is a rendition or a frame of.
[[nodiscard]] constexpr VersionId version_of(NodeId node) {
  if (class_of(node) == NodeClass::past_sequence) {
    return static_cast<VersionId>(payload_of(node) & kSequenceMask);
  }
  const bool is_frame = class_of(node) == NodeClass::frame;
  const int below = is_rendition(node) ? kRenditionBits : is_frame ? kFrameBits : 0;
  return static_cast<VersionId>(payload_of(node) >> below);
}
[[nodiscard]] constexpr FolderId folder_of(NodeId node) {
  return static_cast<FolderId>(payload_of(node));
}
[[nodiscard]] constexpr TagId tag_of(NodeId node) {
  return static_cast<TagId>(payload_of(node));
}

}  // namespace lensfs
