// /Trash: assets whose last place was deleted, restored by moving them out, destroyed by deleting
// them here.
#pragma once

#include "fs/view.h"

namespace lensfs {

class TrashView final : public View {
 public:
  using View::View;
  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;
  // Destroys: only for who owns the library, and root; denied for others. Whoever has it open goes
  // on reading it.
  [[nodiscard]] Result<Asset> remove(Editing& editing, NodeId folder, std::string_view name,
                                     Writing writing) override;
  [[nodiscard]] Errc refusal() const override { return Errc::not_permitted; }
};

}  // namespace lensfs
