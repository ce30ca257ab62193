// Ids of catalog rows. Each is its own type; none is ever used again after its row is gone.
#pragma once

#include <cstdint>

namespace lensfs {

enum class ObjectId : std::int64_t {};
enum class AssetId : std::int64_t {};  // 1 … 2^32 - 1, so that sets of them stay small
// What an inode number stands for: the file behind an asset's names. Shares its numbers with
// AssetId (a new asset's file has the asset's number), so none is ever used for two files.
enum class FileId : std::int64_t {};
enum class DraftId : std::int64_t {};
enum class VersionId : std::int64_t {};
enum class ProjectId : std::int64_t {};
enum class FolderId : std::int64_t {};
enum class PlaceId : std::int64_t {};
enum class TagId : std::int64_t {};
enum class ChangeId : std::int64_t {};
enum class RecipeId : std::int64_t {};
enum class RenditionId : std::int64_t {};
enum class OutlineId : std::int64_t {};
enum class JobId : std::int64_t {};
// The number in a frame's name: 0 … 2^28 - 1, so that it fits into an inode number.
enum class FrameNumber : std::int64_t {};
inline constexpr int kFrameBits = 28;

template <typename Id>
[[nodiscard]] constexpr std::int64_t number(Id id) {
  return static_cast<std::int64_t>(id);
}

}  // namespace lensfs
