#include "catalog/model/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr int kMostPixels = 16384;  // a side
constexpr int kSlowest = 1000;      // thousandths of a frame per second
constexpr int kFastest = 240'000;

struct FormRow {
  Recipe::Form form;
  std::string_view name;
  int revision;
  std::string_view formats;  // between spaces
  int least_quality;
  int most_quality;
};
constexpr std::array kForms = {
    FormRow{Recipe::Form::still, "still", 1, " auto jpeg png webp ", 1, 100},
    FormRow{Recipe::Form::video, "video", 1, " mov mp4 mxf ", 0, 51},
    FormRow{Recipe::Form::audio, "audio", 1, " m4a wav ", 16, 512},
    FormRow{Recipe::Form::waveform, "waveform", 1, " auto png webp jpeg ", 1, 100},
    FormRow{Recipe::Form::filmstrip, "filmstrip", 1, " auto jpeg png webp ", 1, 100},
    FormRow{Recipe::Form::edit, "edit", 1, " mov mxf wav aiff ", 0, 0},
    FormRow{Recipe::Form::facts, "facts", 1, " json ", 0, 0},
};
constexpr std::string_view kEditCodecs = " lb sq hqx ";

// Of words between spaces.
bool is_one_of(std::string_view words, std::string_view word) {
  return word.find(' ') == std::string_view::npos &&
         words.find(fmt::format(" {} ", word)) != std::string_view::npos;
}

const FormRow& row_of(Recipe::Form form) {
  return *std::find_if(kForms.begin(), kForms.end(),
                       [&](const FormRow& row) { return row.form == form; });
}

std::optional<int> count_from(std::string_view text) {
  const auto value = number_from<int>(text);
  return value && *value >= 0 ? value : std::nullopt;
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "01.00.05.12" or, with hundreds of frames a second, "01.00.05.120".
bool is_timecode(std::string_view text) {
  for (int part = 0; part < 3; ++part) {
    if (text.size() < 3 || !is_digits(text.substr(0, 2)) || text[2] != '.') return false;
    text.remove_prefix(3);
  }
  return is_digits(text) && text.size() >= 2 && text.size() <= 3;
}

// "01.00.05.12+00.00.02.00".
bool is_part(std::string_view at) {
  const std::size_t plus = at.find('+');
  return plus != std::string_view::npos && is_timecode(at.substr(0, plus)) &&
         is_timecode(at.substr(plus + 1));
}

bool is_moment(std::string_view at) {
  if (at.size() > 10 && at.front() >= '0' && at.front() <= '9') return is_timecode(at);
  return (at.front() == 'f' || at.front() == 'p') && at.size() <= 10 && is_digits(at.substr(1));
}

// Takes "key=value" into the recipe; false for what is no part of one.
bool take(std::string_view part, Recipe& recipe) {
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = part.substr(0, equals);
  const std::string_view value = part.substr(equals + 1);
  if (key == "box") {
    const std::size_t cross = value.find('x');
    if (cross == std::string_view::npos) return false;
    const auto width = count_from(value.substr(0, cross));
    const auto height = count_from(value.substr(cross + 1));
    if (!width || !height) return false;
    recipe.width = *width;
    recipe.height = *height;
    return true;
  }
  if (key == "format") {
    recipe.format = value;
    return true;
  }
  if (key == "at" || key == "codec") {
    (key == "at" ? recipe.at : recipe.codec) = value;
    return true;
  }
  const auto count = count_from(value);
  if (!count) return false;
  if (key == "quality") {
    recipe.quality = *count;
  } else if (key == "tiles") {
    recipe.tiles = *count;
  } else if (key == "divisor") {
    recipe.divisor = *count;
  } else if (key == "rate") {
    recipe.rate = *count;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string_view name_of(Recipe::Form form) {
  return row_of(form).name;
}

// 23.976 and the like are what the field calls 24000/1001.
FramesPerSecond rate_of(const Recipe& recipe) {
  constexpr int kThousand = 1000;
  if (recipe.rate == 0) return {};
  const int whole = (recipe.rate + kThousand / 2) / kThousand;
  if (recipe.rate % kThousand != 0 && std::abs(whole * kThousand - recipe.rate) <= whole + 1) {
    return {whole * kThousand, kThousand + 1};
  }
  const int common = std::gcd(recipe.rate, kThousand);
  return {recipe.rate / common, kThousand / common};
}

std::string Recipe::text() const {
  const FormRow& row = row_of(form);
  std::string text = fmt::format("{}.{}", row.name, row.revision);
  if (width != 0 || height != 0) text += fmt::format(" box={}x{}", width, height);
  if (format != "auto") text += " format=" + format;
  if (quality != 0) text += fmt::format(" quality={}", quality);
  if (!at.empty()) text += " at=" + at;
  if (tiles != 0) text += fmt::format(" tiles={}", tiles);
  if (!codec.empty()) text += " codec=" + codec;
  if (divisor != 0) text += fmt::format(" divisor={}", divisor);
  if (rate != 0) text += fmt::format(" rate={}", rate);
  return text;
}

Result<Recipe> Recipe::from_text(std::string_view text) {
  const auto wrong = [&] { return fail(Error(Errc::invalid, "no recipe").with(text)); };
  std::string_view rest = text;
  const auto next = [&] {
    const std::size_t space = rest.find(' ');
    const std::string_view word = rest.substr(0, space);
    rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
    return word;
  };
  Recipe recipe;
  const std::string_view head = next();
  const auto row = std::find_if(kForms.begin(), kForms.end(), [&](const FormRow& known) {
    return head == fmt::format("{}.{}", known.name, known.revision);
  });
  if (row == kForms.end()) return wrong();
  recipe.form = row->form;
  while (!rest.empty()) {
    if (!take(next(), recipe)) return wrong();
  }
  if (recipe.text() != text || !check_recipe(recipe)) return wrong();
  return recipe;
}

Status check_recipe(const Recipe& recipe) {
  const FormRow& row = row_of(recipe.form);
  if (!is_one_of(row.formats, recipe.format)) {
    return fail(Error(Errc::invalid, "no such format; there are").with(recipe.format));
  }
  if (recipe.width < 0 || recipe.width > kMostPixels || recipe.height < 0 ||
      recipe.height > kMostPixels) {
    return fail(Errc::invalid, "a side has 1 to 16384 pixels");
  }
  if (recipe.quality != 0 &&
      (recipe.quality < row.least_quality || recipe.quality > row.most_quality)) {
    return fail(Errc::invalid, "this quality is out of range");
  }
  const bool is_edit = recipe.form == Recipe::Form::edit;
  if (!recipe.at.empty() && is_edit && !is_part(recipe.at)) {
    return fail(Errc::invalid, "a part is 01.00.05.12+00.00.02.00: from where, and how long");
  }
  if (!recipe.at.empty() && !is_edit && !is_moment(recipe.at)) {
    return fail(Errc::invalid, "a moment is f1234, p3 or 01.00.05.12");
  }
  if (!recipe.codec.empty() && (!is_edit || !is_one_of(kEditCodecs, recipe.codec))) {
    return fail(Error(Errc::invalid, "no such codec; there are lb, sq and hqx").with(recipe.codec));
  }
  if (recipe.divisor != 0 &&
      (!is_edit || (recipe.divisor != 1 && recipe.divisor != 2 && recipe.divisor != 4))) {
    return fail(Errc::invalid, "a divisor is 1, 2 or 4");
  }
  if (recipe.rate != 0 && (recipe.rate < kSlowest || recipe.rate > kFastest)) {
    return fail(Errc::invalid, "1 to 240 frames per second");
  }
  if (recipe.tiles < 0 || recipe.tiles > 1000) return fail(Errc::invalid, "1 to 1000 tiles");
  return {};
}

}  // namespace lensfs
