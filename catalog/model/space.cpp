#include "catalog/model/space.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <functional>
#include <unordered_map>

#include "catalog/model/asset.h"
#include "catalog/store/outline_files.h"

namespace lensfs {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, kSpaceKinds> kNames = {
    "current",  "labelled", "trash",  "older",   "renditions",
    "outlines", "garbage",  "drafts", "staging", "catalog"};

// Which objects are held by what; the lowest number wins.
constexpr std::string_view kHolders =
    "SELECT o.hash, o.size, o.serial, min(CASE"
    " WHEN a.version_id = v.id AND a.state <> 2 THEN 0"
    " WHEN EXISTS (SELECT 1 FROM labels l WHERE l.version_id = v.id) THEN 1"
    " WHEN a.state = 2 THEN 2 ELSE 3 END)"
    " FROM (SELECT object_id, id AS version_id FROM versions"
    " UNION ALL SELECT object_id, version_id FROM sequence_frames) n"
    " JOIN versions v ON v.id = n.version_id JOIN objects o ON o.id = n.object_id"
    " JOIN assets a ON a.id = v.asset_id GROUP BY n.object_id /* SCAN: every version */";

constexpr std::string_view kRenditions =
    "SELECT DISTINCT o.hash, o.size, o.serial, 4"
    " FROM renditions r JOIN objects o ON o.id = r.object_id"
    " WHERE EXISTS (SELECT 1 FROM versions v WHERE v.object_id = r.source_id)"
    " /* SCAN: every rendition */";

struct HeldObject {
  ObjectKey key;
  SpaceFor by = SpaceFor::garbage;
  static HeldObject from(const Row& row) {
    return {.key = {.id = row.get<ContentId>(0),
                    .size = row.get<std::uint64_t>(1),
                    .serial = row.get<std::uint32_t>(2)},
            .by = row.get<SpaceFor>(3)};
  }
};

std::string name_in_store(const ObjectKey& key) {
  return Store::relative_path(key).native();
}

// Measuring: adds up what lies in a library.
class Measuring {
 public:
  explicit Measuring(Catalog& catalog) : catalog_(catalog) {}

  Status objects() {
    std::unordered_map<std::string, SpaceFor> holders;
    {
      LENSFS_TRY(const Pool::Reader reader, catalog_.read());
      const auto hold = [&](const HeldObject& held) {
        holders.emplace(name_in_store(held.key), held.by);  // the first that holds it stays
      };
      LENSFS_CHECK(reader->each<HeldObject>(kHolders, hold));
      LENSFS_CHECK(reader->each<HeldObject>(kRenditions, hold));
    }
    LENSFS_CHECK(catalog_.store().each_object([&](const ObjectKey& key) -> Status {
      const auto held = holders.find(name_in_store(key));
      add(catalog_.store().path_of(key), held == holders.end() ? SpaceFor::garbage : held->second);
      if (held != holders.end()) holders.erase(held);
      return {};
    }));
    space_.missing = holders.size();
    return {};
  }

  void directory(const fs::path& directory, const std::function<SpaceFor(const fs::path&)>& what) {
    std::error_code error;
    for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
      add(at->path(), what(at->path()));
    }
  }

  void catalog_files() {
    std::error_code error;
    for (fs::directory_iterator at(catalog_.path(), error), end; !error && at != end;
         at.increment(error)) {
      if (at->path().filename().native().starts_with("catalog.")) {
        add(at->path(), SpaceFor::catalog);
      }
    }
  }

  [[nodiscard]] Result<Space> finish() {
    struct statvfs room {};
    if (::fstatvfs(catalog_.store().directory_fd(), &room) != 0) return last_error("statvfs");
    space_.free = std::uint64_t{room.f_bavail} * room.f_frsize;
    return space_;
  }

 private:
  // What went since it was listed takes no room.
  void add(const fs::path& file, SpaceFor what) {
    constexpr std::uint64_t kBlock = 512;
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    SpaceUse& use = space_.uses.at(static_cast<std::size_t>(what));
    ++use.files;
    use.bytes += static_cast<std::uint64_t>(status.st_size);
    use.on_disk += static_cast<std::uint64_t>(status.st_blocks) * kBlock;
  }

  Catalog& catalog_;
  Space space_;
};

}  // namespace

std::string_view name_of(SpaceFor what) {
  return kNames.at(static_cast<std::size_t>(what));
}

SpaceUse Space::sum() const {
  SpaceUse sum;
  for (const SpaceUse& use : uses) {
    sum.files += use.files;
    sum.bytes += use.bytes;
    sum.on_disk += use.on_disk;
  }
  return sum;
}

Result<Space> space_of(Catalog& catalog) {
  Measuring measuring(catalog);
  LENSFS_CHECK(measuring.objects());
  const fs::path staging = catalog.path() / "staging";
  const fs::path drafts = staging / Drafts::kDirectory;
  const fs::path outlines = staging / OutlineStore::kDirectory;
  measuring.directory(staging, [&](const fs::path& file) {
    const fs::path directory = file.parent_path();
    return directory == drafts     ? SpaceFor::drafts
           : directory == outlines ? SpaceFor::outlines
                                   : SpaceFor::staging;
  });
  measuring.catalog_files();
  return measuring.finish();
}

}  // namespace lensfs
