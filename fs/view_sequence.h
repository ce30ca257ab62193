// A sequence where it shows: a folder that lists its frames under their own names. It takes no
// changes but that frames are deleted, which hides them, so that "rm -r" can do what it does to a
// folder: the last frame gone and the folder removed, the whole sequence lies in the trash.
#pragma once

#include "fs/view.h"

namespace lensfs {

class SequenceView final : public View {
 public:
  using View::View;
  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  // Of sequences and of frames.
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;
  // Hides a frame. not_permitted where deleting means something else than to delete, as in a term.
  [[nodiscard]] Result<Asset> remove(Editing& editing, NodeId folder, std::string_view name,
                                     Writing writing) override;
};

[[nodiscard]] constexpr bool is_sequence(NodeId node) {
  return class_of(node) == NodeClass::sequence || class_of(node) == NodeClass::past_sequence;
}
// Makes of an entry of `folder` that is a sequence the node that it is there.
void show_sequence(NodeId folder, NodeId& node, Attributes& attributes);
// A frame by its own name in the project folder that holds the sequence: found, not listed.
[[nodiscard]] Result<Found> frame_beside(Database& db, NodeId folder, std::string_view name);

}  // namespace lensfs
