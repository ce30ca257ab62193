#include "tools/cli/library_path.h"

#include <sys/xattr.h>

#include <array>
#include <cstdlib>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> attribute(const std::string& path, const char* name) {
  std::array<char, 4096> value{};
  const ssize_t length = ::getxattr(path.c_str(), name, value.data(), value.size());
  if (length < 0) return std::nullopt;
  return std::string(value.data(), static_cast<std::size_t>(length));
}

std::optional<fs::path> library_around(const std::string& path) {
  if (auto library = library_of_mounted(path)) return fs::path(*library);
  std::error_code error;
  fs::path at = fs::weakly_canonical(path, error);
  if (error) return std::nullopt;
  for (;; at = at.parent_path()) {
    if (Catalog::is_library(at)) return at;
    // A path that is not there yet: its mount may be further up.
    if (auto library = library_of_mounted(at.string())) return fs::path(*library);
    if (at == at.parent_path()) return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> library_of_mounted(const std::string& path) {
  return attribute(path, "user.lensfs.library");
}

Result<AssetId> asset_of_mounted(const std::string& path) {
  const auto text = attribute(path, "user.lensfs.id");
  if (!text) return fail(Errc::not_found);
  const auto id = id_from_base32(*text);
  if (!id) return fail(Errc::not_found);
  return static_cast<AssetId>(*id);
}

Result<fs::path> find_library(const Invocation& invocation, const std::vector<std::string>& paths) {
  if (const auto given = invocation.value("library")) return fs::path(*given);
  if (const char* environment = std::getenv("LENSFS_LIBRARY");
      environment != nullptr && *environment != '\0') {
    return fs::path(environment);
  }
  for (const std::string& path : paths) {
    if (auto library = library_around(path)) return *library;
  }
  if (auto library = library_around(".")) return *library;
  return fail(Error(Errc::usage, "which library? Give --library DIR or set LENSFS_LIBRARY"));
}

Result<std::unique_ptr<Catalog>> open_library(const Invocation& invocation,
                                              const std::vector<std::string>& paths) {
  LENSFS_TRY(const fs::path library, find_library(invocation, paths));
  return Catalog::open(library);
}

}  // namespace lensfs
