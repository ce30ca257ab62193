#include "transcode/client/made_check.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "catalog/base/fd.h"
#include "catalog/model/profile.h"

namespace lensfs {
namespace {

using namespace std::string_view_literals;

struct Format {
  std::string_view extension;
  std::string_view name;  // in recipes
  enum class Holds { picture, video, sound } holds;
};
constexpr std::array kFormats = {
    Format{"jpg", "jpeg", Format::Holds::picture},  Format{"png", "png", Format::Holds::picture},
    Format{"webp", "webp", Format::Holds::picture}, Format{"mov", "mov", Format::Holds::video},
    Format{"mp4", "mp4", Format::Holds::video},     Format{"mxf", "mxf", Format::Holds::video},
    Format{"m4a", "m4a", Format::Holds::sound},     Format{"wav", "wav", Format::Holds::sound},
    Format{"aiff", "aiff", Format::Holds::sound},
};

// How files of an extension begin: any of its rows.
struct Beginning {
  std::string_view extension;
  std::size_t offset;
  std::string_view bytes;
};
constexpr std::array kBeginnings = {
    Beginning{"jpg", 0, "\xff\xd8\xff"sv},
    Beginning{"png", 0, "\x89PNG\r\n\x1a\n"sv},
    Beginning{"webp", 8, "WEBP"sv},
    Beginning{"mov", 4, "ftyp"sv},
    Beginning{"mov", 4, "moov"sv},
    Beginning{"mov", 4, "mdat"sv},
    Beginning{"mov", 4, "wide"sv},
    Beginning{"mp4", 4, "ftyp"sv},
    Beginning{"m4a", 4, "ftyp"sv},
    Beginning{"mxf", 0, "\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"sv},
    Beginning{"wav", 8, "WAVE"sv},
    Beginning{"aiff", 8, "AIFF"sv},
    Beginning{"aiff", 8, "AIFC"sv},
};

bool holds(Recipe::Form form, Format::Holds what) {
  if (form == Recipe::Form::video) return what == Format::Holds::video;
  if (form == Recipe::Form::audio) return what == Format::Holds::sound;
  return (form == Recipe::Form::edit) == (what != Format::Holds::picture);
}

}  // namespace

Status check_extension(const Recipe& recipe, std::string_view extension) {
  const auto format = std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& known) {
    return known.extension == extension;
  });
  if (format == kFormats.end()) {
    return fail(Error(Errc::invalid, "no rendition has this format").with(extension));
  }
  if (!holds(recipe.form, format->holds)) {
    return fail(
        Error(Errc::invalid, "is another kind of thing than the profile makes").with(extension));
  }
  if (recipe.format == "auto" || recipe.format == format->name) return {};
  return fail(Error(Errc::invalid, "is not the format that the profile makes of this file")
                  .with(extension)
                  .with(recipe.format));
}

std::optional<std::string> extension_at(const Recipe& recipe, std::string_view original,
                                        std::string_view name) {
  for (const Format& format : kFormats) {
    if (!check_extension(recipe, format.extension)) continue;
    if (rendered_name(original, format.extension) == name) return std::string(format.extension);
  }
  return std::nullopt;
}

Status check_beginning(int file, std::string_view extension) {
  std::array<char, 64> head{};
  LENSFS_TRY(const std::size_t length, read_full(file, std::as_writable_bytes(std::span(head)), 0));
  const std::string_view bytes(head.data(), length);
  const bool fits = std::any_of(kBeginnings.begin(), kBeginnings.end(), [&](const auto& known) {
    return known.extension == extension && bytes.size() > known.offset &&
           bytes.substr(known.offset).starts_with(known.bytes);
  });
  if (fits) return {};
  return fail(Error(Errc::corrupt, "the bytes are not of that format").with(extension));
}

Status check_made(const Recipe& recipe, const Made& made, int file, std::int64_t limit) {
  LENSFS_TRY(const struct stat status, stat_of(file));
  if (status.st_size == 0) return fail(Errc::corrupt, "the engine wrote nothing");
  if (status.st_size > limit) {
    return fail(Error(Errc::too_big, "it has more bytes than a rendition may have")
                    .with(std::to_string(status.st_size)));
  }
  if (!check_extension(recipe, made.extension) || !check_beginning(file, made.extension)) {
    return fail(Errc::corrupt, "the engine wrote something else than it was to make");
  }
  if (made.width < 0 || made.height < 0 || made.duration_ns < 0) {
    return fail(Errc::corrupt, "the engine says nonsense of what it made");
  }
  return {};
}

}  // namespace lensfs
