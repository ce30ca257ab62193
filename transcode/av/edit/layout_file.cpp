#include "transcode/av/edit/layout_file.h"

#include <array>
#include <cstring>
#include <span>
#include <type_traits>

#include "catalog/base/fd.h"

namespace lensfs::av {
namespace {

constexpr std::int64_t kMagic = 0x315449444553464C;  // "LFSEDIT1"
constexpr std::int64_t kMostBytes = std::int64_t{4} << 30;

// Behind the SlotMap: this, the recipe's text, the index, the units.
struct Head {
  std::int64_t magic = kMagic;
  std::int64_t source = 0;  // bytes
  std::int64_t recipe = 0;  // bytes of each part
  std::int64_t index = 0;
  std::int64_t units = 0;
  Look look;
};
static_assert(std::is_trivially_copyable_v<Look>);

Error wrong() {
  return Error(Errc::corrupt, "this is no layout of this rendition");
}

// Where the SlotMap ends, which says of itself how many runs and entries it has.
Result<std::int64_t> end_of_slots(int fd) {
  std::array<std::int64_t, 4> head{};
  LENSFS_TRY(const std::size_t size, read_full(fd, std::as_writable_bytes(std::span(head)), 0));
  if (size != sizeof head) return fail(wrong());
  return static_cast<std::int64_t>(sizeof head) +
         (head[1] * 3 + head[2]) * static_cast<std::int64_t>(sizeof(std::int64_t));
}

Result<std::string> read_part(int fd, std::int64_t& offset, std::int64_t bytes) {
  if (bytes < 0 || bytes > kMostBytes) return fail(wrong());
  std::string part(static_cast<std::size_t>(bytes), '\0');
  LENSFS_TRY(const std::size_t size,
             read_full(fd, std::as_writable_bytes(std::span(part)), offset));
  if (size != part.size()) return fail(wrong());
  offset += bytes;
  return part;
}

}  // namespace

Status write_layout(int fd, const Layout& layout, const MediaSource& source, const Recipe& recipe) {
  LENSFS_TRY(std::int64_t offset, layout.slots.write(fd));
  const std::string words = recipe.text();
  const std::string index = layout.index.text();
  const std::string units = layout.units.count() > 0 ? layout.units.text() : std::string();
  const Head head{.source = source.size,
                  .recipe = static_cast<std::int64_t>(words.size()),
                  .index = static_cast<std::int64_t>(index.size()),
                  .units = static_cast<std::int64_t>(units.size()),
                  .look = layout.look};
  const std::string_view front(reinterpret_cast<const char*>(&head), sizeof head);
  for (const std::string_view part :
       {front, std::string_view(words), std::string_view(index), std::string_view(units)}) {
    LENSFS_CHECK(write_full(fd, std::as_bytes(std::span(part)), offset));
    offset += static_cast<std::int64_t>(part.size());
  }
  return {};
}

Result<Layout> read_layout(int fd, const MediaSource& source, const Recipe& recipe) {
  Layout layout;
  LENSFS_TRY(layout.slots, SlotMap::read(fd));
  LENSFS_TRY(std::int64_t offset, end_of_slots(fd));
  LENSFS_TRY(const std::string front, read_part(fd, offset, sizeof(Head)));
  Head head;
  std::memcpy(&head, front.data(), sizeof head);
  if (head.magic != kMagic || head.source != source.size) return fail(wrong());
  layout.look = head.look;
  LENSFS_TRY(const std::string words, read_part(fd, offset, head.recipe));
  if (words != recipe.text()) return fail(wrong());
  LENSFS_TRY(const std::string index, read_part(fd, offset, head.index));
  LENSFS_TRY(layout.index, EditIndex::from_text(index));
  LENSFS_TRY(const std::string units, read_part(fd, offset, head.units));
  if (!units.empty()) {
    LENSFS_TRY(layout.units, UnitStore::from_text(units));
  }
  return layout;
}

}  // namespace lensfs::av
