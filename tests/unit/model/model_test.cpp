#include "tests/unit/model/model_test.h"

#include <fmt/format.h>

#include "catalog/db/migrations.h"

namespace lensfs::test {
namespace {

const char* word_for(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::asset_added:
      return "asset_added";
    case ChangeKind::version_added:
      return "version_added";
    case ChangeKind::place_added:
      return "place_added";
    case ChangeKind::place_removed:
      return "place_removed";
    case ChangeKind::folder_added:
      return "folder_added";
    case ChangeKind::folder_removed:
      return "folder_removed";
    case ChangeKind::project_added:
      return "project_added";
    case ChangeKind::tag_added:
      return "tag_added";
    case ChangeKind::tag_removed:
      return "tag_removed";
    case ChangeKind::tagged:
      return "tagged";
    case ChangeKind::untagged:
      return "untagged";
    case ChangeKind::field_changed:
      return "field_changed";
    case ChangeKind::xattr_changed:
      return "xattr_changed";
    case ChangeKind::attributes_changed:
      return "attributes_changed";
    case ChangeKind::saved:
      return "saved";
    case ChangeKind::label_changed:
      return "label_changed";
    case ChangeKind::trashed:
      return "trashed";
    case ChangeKind::restored:
      return "restored";
    case ChangeKind::removed:
      return "removed";
    case ChangeKind::renamed:
      return "renamed";
    case ChangeKind::search_changed:
      return "search_changed";
    case ChangeKind::project_removed:
      return "project_removed";
    case ChangeKind::term_renamed:
      return "term_renamed";
    case ChangeKind::term_links_changed:
      return "term_links_changed";
    case ChangeKind::fields_declared:
      return "fields_declared";
    case ChangeKind::marker_changed:
      return "marker_changed";
    case ChangeKind::version_purged:
      return "version_purged";
    case ChangeKind::rendition_ready:
      return "rendition_ready";
    case ChangeKind::rendition_failed:
      return "rendition_failed";
    case ChangeKind::rendition_replaced:
      return "rendition_replaced";
    case ChangeKind::access_changed:
      return "access_changed";
    case ChangeKind::role_changed:
      return "role_changed";
  }
  return "?";
}

std::string line_of(const Change& change) {
  std::string line = word_for(change.kind);
  if (change.asset) line += fmt::format(" asset {}", number(*change.asset));
  if (change.tag) line += fmt::format(" tag {}", number(*change.tag));
  if (change.folder) line += fmt::format(" folder {}", number(*change.folder));
  return change.name.empty() ? line : line + " " + change.name;
}

}  // namespace

ObjectKey object_number(int n, std::uint64_t size) {
  ObjectKey key{.id = {}, .size = size, .serial = 0};
  key.id.bytes[14] = static_cast<std::uint8_t>(n >> 8);
  key.id.bytes[15] = static_cast<std::uint8_t>(n);
  return key;
}

ModelTest::ModelTest() {
  const auto file = dir_ / "catalog.db";
  {
    Database db = must(Database::open(file, Database::Mode::read_write, Database::Create::yes));
    must(migrate(db, file));
  }
  pool_ = must(Pool::open(file));
  reader_.emplace(must(pool_->reader()));
}

AssetId ModelTest::add(const std::string& name, const std::string& kind) {
  const NewAsset asset{
      .name = name,
      .kind = kind,
      .uid = 1000,
      .gid = 100,
      .mode = 0644,
      .first = {.object = object_number(++objects_), .mtime = 5, .reason = "ingest"}};
  return write([&](Transaction& txn) { return add_asset(txn, actor_, asset); });
}

void ModelTest::tag(AssetId id, const std::string& term) {
  write([&](Transaction& txn) -> Result<bool> {
    LENSFS_TRY(const Asset tagged, find_asset(txn.db(), id));
    return add_tag(txn, actor_, tagged, term);
  });
}

std::vector<std::string> ModelTest::terms(AssetId id) {
  std::vector<std::string> found;
  for (const Tag& carried : must(tags_of(db(), id))) found.push_back(carried.path);
  return found;
}

std::vector<std::string> ModelTest::new_changes() {
  std::vector<std::string> lines;
  for (const Change& change : must(changes_after(db(), seen_, 1'000'000))) {
    lines.push_back(line_of(change));
    seen_ = change.id;
  }
  return lines;
}

}  // namespace lensfs::test
