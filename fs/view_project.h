// /Projects and everything below it: ordinary folders with the places of assets.
#pragma once

#include "fs/view.h"

namespace lensfs {

// A folder of a project as an entry of whatever holds it.
[[nodiscard]] Result<Found> project_folder(Database& db, FolderId folder);

class ProjectView final : public View {
 public:
  using View::View;
  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;

  [[nodiscard]] Result<Asset> create(Editing& editing, NodeId folder, const NewFile& file) override;
  [[nodiscard]] Result<Found> make_folder(Editing& editing, NodeId folder,
                                          const NewFolder& as) override;
  [[nodiscard]] Status link(Editing& editing, NodeId folder, const Asset& asset,
                            const NewPlace& place) override;
  [[nodiscard]] Result<Asset> remove(Editing& editing, NodeId folder, std::string_view name,
                                     Writing writing) override;
  [[nodiscard]] Status remove_folder(Editing& editing, NodeId folder,
                                     std::string_view name) override;

  [[nodiscard]] Errc refusal() const override { return Errc::not_permitted; }

 private:
  [[nodiscard]] Result<Listing> list_projects(Database& db);
};

}  // namespace lensfs
