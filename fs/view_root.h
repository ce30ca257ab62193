// The root of the drive, and the files at its leaves.
#pragma once

#include "fs/view.h"

namespace lensfs {

class RootView final : public View {
 public:
  using View::View;
  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;
};

// Files, in whatever folder they are found: what an asset's names lead to, and old versions. They
// have no entries.
class FileView final : public View {
 public:
  using View::View;
  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;
  [[nodiscard]] Result<std::string> link_target(NodeId node) override;

 private:
  [[nodiscard]] Result<Attributes> version_attributes(Database& db, NodeId node);
};

}  // namespace lensfs
