// Ids of catalog rows. Each is its own type; none is ever used again after its row is gone.
#pragma once

#include <cstdint>

namespace lensfs {

enum class ObjectId : std::int64_t {};
enum class AssetId : std::int64_t {};  // 1 … 2^32 - 1, so that sets of them stay small
enum class VersionId : std::int64_t {};
enum class ProjectId : std::int64_t {};
enum class FolderId : std::int64_t {};
enum class PlaceId : std::int64_t {};
enum class TagId : std::int64_t {};
enum class ChangeId : std::int64_t {};

template <typename Id>
[[nodiscard]] constexpr std::int64_t number(Id id) {
  return static_cast<std::int64_t>(id);
}

}  // namespace lensfs
