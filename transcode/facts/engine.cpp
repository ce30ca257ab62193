// make_facts: which reader is asked for what.
#include "transcode/engine.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include <exiv2/exiv2.hpp>

#include "catalog/base/text.h"
#include "transcode/av/timed_facts.h"
#include "transcode/facts/readers.h"

namespace lensfs {
namespace {

using namespace std::string_view_literals;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Status read_still(const Bytes& bytes, SourceFormat format, Facts& facts) {
  switch (format) {
    case SourceFormat::pdf:
      return facts::read_page(bytes, facts);
    case SourceFormat::package:
      return facts::read_package(bytes, facts);
    case SourceFormat::svg:
      LENSFS_CHECK(facts::read_drawing(bytes, facts));
      break;
    case SourceFormat::postscript: {
      // Exiv2 finds the XMP in it; drawing it to measure it would cost too much.
      static_cast<void>(facts::read_photo(bytes, SourceFormat::psd, facts));
      return {};
    }
    case SourceFormat::jpeg:
    case SourceFormat::png:
    case SourceFormat::gif:
    case SourceFormat::webp:
    case SourceFormat::tiff:
    case SourceFormat::jp2:
    case SourceFormat::jxl:
    case SourceFormat::heif:
    case SourceFormat::radiance:
    case SourceFormat::pnm:
    case SourceFormat::exr:
    case SourceFormat::dpx:
    case SourceFormat::cineon:
    case SourceFormat::psd:
    case SourceFormat::icns:
    case SourceFormat::raw:
    case SourceFormat::bitmap:
      break;
  }
  return facts::read_photo(bytes, format, facts);
}

bool is_words(std::string_view extension) {
  constexpr std::array kWords = {"txt"sv, "md"sv,   "csv"sv, "tsv"sv,    "log"sv,      "srt"sv,
                                 "vtt"sv, "edl"sv,  "ale"sv, "xml"sv,    "fountain"sv, "json"sv,
                                 "htm"sv, "html"sv, "tex"sv, "fcpxml"sv, "otio"sv,     "mhl"sv};
  return is_one_of(extension, kWords);
}

// What only says words about itself: of nothing else is it an error that there is no reader.
Result<Facts> facts_of(const MediaSource& source) {
  Facts facts;
  LENSFS_TRY(const Bytes bytes, Bytes::of(source));
  if (source.extension == "xmp") {
    LENSFS_CHECK(facts::read_sidecar(bytes, facts));
    return facts;
  }
  const auto format = format_of(bytes);
  if (format) {
    LENSFS_CHECK(read_still(bytes, *format, facts));
    return facts;
  }
  if (is_words(source.extension)) {
    LENSFS_CHECK(facts::read_words(bytes, facts));
    return facts;
  }
  LENSFS_CHECK(facts::read_wave(bytes, facts));
  const auto timed = av::read_timed_facts(source, facts);
  if (timed && !timed->empty()) facts::take_xmp(*timed, facts);
  if (!timed && timed.error().code() != Errc::not_supported) return fail(timed.error());
  // The description of a recording is a comment to FFmpeg.
  const auto comment = facts.fields.find("comment");
  const auto description = facts.fields.find("description");
  const bool is_twice = comment != facts.fields.end() && description != facts.fields.end() &&
                        trimmed(comment->second) == trimmed(description->second);
  if (is_twice) facts.fields.erase(comment);
  return facts;
}

Result<Made> write_facts(const MediaSource& source, int output) {
  Result<Facts> facts = fail(Errc::not_supported);
  if (source.frames == 0) {
    facts = facts_of(source);
  } else {
    LENSFS_TRY(const SourceFrame first, source.frame(0));
    facts = facts_of({.fd = first.file.get(), .size = first.size, .extension = source.extension});
  }
  if (!facts) return fail(facts.error());
  const std::string json = facts->json();
  if (json.size() > kLargestFacts) return fail(Errc::too_big, "it says too much of itself");
  LENSFS_CHECK(write_full(output, std::as_bytes(std::span(json)), 0));
  return Made{.extension = "json"};
}

}  // namespace

// The tables of Exiv2 are filled when they are first asked for, which no two threads may do.
void prepare_facts() {
  Exiv2::XmpParser::initialize();
  Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
#ifdef EXV_ENABLE_BMFF
  Exiv2::enableBMFF(true);
#endif
}

Answers make_facts(const MediaSource& source, std::span<const Order> orders,
                   const Progress& /*progress*/) {
  Answers answers;
  for (const Order& order : orders) {
    if (order.recipe.form == Recipe::Form::facts) {
      answers.push_back(write_facts(source, order.output));
    } else {
      answers.push_back(fail(Errc::not_supported, "no facts"));
    }
  }
  return answers;
}

}  // namespace lensfs
