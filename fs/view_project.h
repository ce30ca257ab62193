// /Projects and everything below it: ordinary folders with the places of assets.
#pragma once

#include "fs/view.h"

namespace lensfs {

class ProjectView final : public View {
 public:
  using View::View;
  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;

 private:
  [[nodiscard]] Result<Listing> list_projects(Database& db);
};

}  // namespace lensfs
