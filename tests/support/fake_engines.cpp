#include "tests/support/fake_engines.h"

#include <time.h>
#include <unistd.h>

#include <map>
#include <sstream>
#include <string_view>

#include "catalog/base/fd.h"
#include "transcode/facts.h"

namespace lensfs::test {
namespace {

using namespace std::string_view_literals;

constexpr int kSteps = 10;

std::string beginning_of(const std::string& extension) {
  static const std::map<std::string, std::string_view, std::less<>> kBeginnings = {
      {"jpg", "\xff\xd8\xff\xe0"sv},
      {"png", "\x89PNG\r\n\x1a\n"sv},
      {"webp", "RIFF\0\0\0\0WEBP"sv},
      {"mov",
       "\0\0\0\x14"
       "ftypqt  "sv},
      {"mp4",
       "\0\0\0\x14"
       "ftypisom"sv},
      {"mxf", "\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01"sv},
      {"m4a",
       "\0\0\0\x14"
       "ftypM4A "sv},
      {"wav", "RIFF\0\0\0\0WAVE"sv}};
  return std::string(kBeginnings.at(extension));
}

void nap(std::chrono::microseconds length) {
  const timespec pause{.tv_sec = length.count() / 1'000'000,
                       .tv_nsec = length.count() % 1'000'000 * 1000};
  ::nanosleep(&pause, nullptr);
}

// "title=Goal tag=place/oslo some words": a field, a tag, and what it says.
std::string fake_facts(const std::string& source) {
  Facts facts;
  std::istringstream words(source);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      facts.add_words(word);
    } else if (word.starts_with("tag=")) {
      facts.tags.push_back(word.substr(equals + 1));
    } else {
      facts.say(word.substr(0, equals), word.substr(equals + 1));
    }
  }
  return facts.json();
}

std::string text_of(const MediaSource& source) {
  std::string text(static_cast<std::size_t>(source.size), '\0');
  const auto got = read_full(source.fd, std::as_writable_bytes(std::span(text)), 0);
  text.resize(got.value_or(0));
  return text;
}

}  // namespace

std::string fake_extension(const Recipe& recipe) {
  if (recipe.format == "auto" || recipe.format == "jpeg") return "jpg";
  return recipe.format;
}

std::string fake_rendition(const std::string& source, const Recipe& recipe) {
  std::string bytes =
      beginning_of(fake_extension(recipe)) + recipe.text() + " of " + source.substr(0, 64) + "\n";
  while (bytes.size() < 20'000) bytes += bytes.substr(0, 1000);
  return bytes;
}

Result<Made> FakeEngines::make(const std::string& source, const Order& order,
                               const std::function<void(int)>& step,
                               const std::stop_token& stop) const {
  if (source.starts_with("broken")) return fail(Errc::corrupt, "moov atom not found");
  if (source.starts_with("vast")) return fail(Errc::too_big, "more memory than it may have");
  if (source.starts_with("short")) return fail(Errc::not_found, "no such frame");
  if (source.starts_with("flaky")) return fail(Errc::io, "input/output error");
  std::string bytes = order.recipe.form == Recipe::Form::facts
                          ? fake_facts(source)
                          : fake_rendition(source, order.recipe);
  if (source.starts_with("liar")) bytes = "<html>" + bytes;
  if (source.starts_with("empty")) bytes.clear();
  const std::size_t piece = bytes.size() / kSteps + 1;
  for (int at = 0; at < kSteps; ++at) {
    if (stop.stop_requested()) return fail(Errc::interrupted, "somebody asked to stop");
    const std::size_t from = std::min(bytes.size(), piece * static_cast<std::size_t>(at));
    const auto part = std::string_view(bytes).substr(from, piece);
    LENSFS_CHECK(
        write_full(order.output, std::as_bytes(std::span(part)), static_cast<off_t>(from)));
    if (options_.on_step) options_.on_step(stop);
    nap(options_.takes / kSteps);
    step(at + 1);
  }
  return Made{.extension = fake_extension(order.recipe), .width = 16, .height = 9};
}

Answers FakeEngines::run(const MediaSource& source, std::span<const Order> orders, Engine engine,
                         const Progress& progress, std::stop_token stop) {
  const std::string text = text_of(source);
  if (options_.on_call) options_.on_call({text, orders.size(), engine});
  Answers answers;
  for (const Order& order : orders) {
    const auto before = static_cast<double>(answers.size());
    const auto step = [&](int at) {
      progress((before + static_cast<double>(at) / kSteps) / static_cast<double>(orders.size()));
    };
    answers.push_back(make(text, order, step, stop));
  }
  return answers;
}

Result<Made> FakeEngines::outline(const MediaSource& source, const Recipe& recipe,
                                  const OutlineFiles& files, std::stop_token /*stop*/) {
  const std::string text = text_of(source);
  if (options_.on_call) options_.on_call({text, 1, Engine::timed});
  if (text.starts_with("broken")) return fail(Errc::corrupt, "moov atom not found");
  const std::string head = beginning_of(fake_extension(recipe));
  const std::int64_t size = kFakeSlot * (source.size + 1);
  LENSFS_CHECK(write_full(files.bytes, std::as_bytes(std::span(head)), 0));
  if (::ftruncate(files.bytes, size) != 0) return last_error("truncate");
  LENSFS_TRY(
      const SlotMap map,
      SlotMap::make(size, {{.offset = kFakeSlot, .bytes = kFakeSlot, .count = source.size}}));
  LENSFS_TRY([[maybe_unused]] const std::int64_t end, map.write(files.layout));
  return Made{.extension = fake_extension(recipe), .width = 16, .height = 9};
}

Status FakeEngines::open_slots(const MediaSource& source, const Recipe& /*recipe*/,
                               const OutlineFiles& files, std::int64_t /*file_size*/) {
  if (text_of(source).starts_with("rotten")) return fail(Errc::corrupt, "the decoder crashed");
  slots_.reset(::dup(files.bytes));
  return {};
}

Status FakeEngines::render_slots(const SlotMap::Slots& slots, const SlotTold& tell) {
  for (std::int64_t slot = slots.first; slot < slots.first + slots.count; ++slot) {
    if (options_.on_slot) options_.on_slot(slot);
    const std::string bytes(kFakeSlot, static_cast<char>('a' + slot % 26));
    LENSFS_CHECK(write_full(slots_.get(), std::as_bytes(std::span(bytes)), kFakeSlot * (slot + 1)));
    if (!tell({.slot = slot, .checksum = slot_checksum(bytes), .is_replaced = false})) break;
  }
  return {};
}

Result<MediaFacts> FakeEngines::probe(const MediaSource& source, std::stop_token) {
  const std::string text = text_of(source);
  if (text.starts_with("broken")) return fail(Errc::corrupt, "moov atom not found");
  return MediaFacts{.width = 16,
                    .height = 9,
                    .rate_numerator = 25,
                    .rate_denominator = 1,
                    .frames = 25,
                    .picture_ns = kNanosecondsPerSecond};
}

}  // namespace lensfs::test
