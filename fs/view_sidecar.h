// Sidecars: files that nobody stored, made of what the catalog knows of the file beside them.
//
//   A001.mov.markers.csv    the markers of A001.mov, to read and to write (catalog/model/marker.h)
//   IMG.CR2.xmp, IMG.xmp    what people said of IMG.CR2 (catalog/model/sidecar.h), to read; who
//                           writes, moves or removes it gets a real file (made_sidecar.h)
//
// They are found by name in every folder that shows the file, never listed, and a real file of that
// name wins.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fs/view.h"

namespace lensfs {

enum class SidecarKind : std::uint8_t { markers = 0, xmp = 1 };

[[nodiscard]] constexpr NodeId sidecar_node(FileId file, SidecarKind kind) {
  return make_node(NodeClass::sidecar,
                   (static_cast<std::uint64_t>(file) << 1U) | static_cast<std::uint64_t>(kind));
}
[[nodiscard]] constexpr SidecarKind kind_of_sidecar(NodeId node) {
  return static_cast<SidecarKind>(payload_of(node) & 1U);
}
[[nodiscard]] constexpr bool is_xmp_sidecar(NodeId node) {
  return class_of(node) == NodeClass::sidecar && kind_of_sidecar(node) == SidecarKind::xmp;
}
[[nodiscard]] constexpr FileId file_of_sidecar(NodeId node) {
  return static_cast<FileId>(payload_of(node) >> 1U);
}

// Whether a name may be one: such names are not kept as missing.
[[nodiscard]] bool may_be_sidecar(std::string_view name);

class SidecarView final : public View {
 public:
  using View::View;
  // How the file beside is found.
  using Find = std::function<Result<Found>(std::string_view name)>;
  // not_found if the name is none, or nothing is beside it that has anything to say there.
  [[nodiscard]] Result<Found> find(Database& db, NodeId folder, std::string_view name,
                                   const Find& beside);

  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;

  [[nodiscard]] Result<std::string> text_of(Database& db, NodeId node);
  // Makes the catalog say what the text of markers says. invalid, naming the line.
  [[nodiscard]] Status take(Editing& editing, NodeId node, std::string_view text);

 private:
  [[nodiscard]] static Result<Asset> find_described(Database& db, NodeId folder,
                                                    std::string_view stem, const Find& beside);
};

}  // namespace lensfs
