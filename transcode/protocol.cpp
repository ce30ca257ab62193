#include "transcode/protocol.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "catalog/base/text.h"
#include "transcode/threads.h"

namespace lensfs {
namespace {

enum class Kind : std::uint8_t {
  request,
  kill,
  ready,
  ended,
  progress,
  made,
  failed,
  done,
  probed,
  render,
  end_slots,
  rendered,
  slots_done,
  frame_wanted,
  frame_given,
};

constexpr std::size_t kLongestExtension = 16;
constexpr std::size_t kLongestRecipe = 256;
constexpr std::size_t kLongestBuild = 200;
constexpr int kMostPixels = 1 << 20;              // in one direction
constexpr int kMostChannels = 1024;               // of one track
constexpr std::int64_t kLargestPart = INT32_MAX;  // of a rate
constexpr Errc kLastErrc = Errc::usage;

// Writer: puts numbers and texts one after another.
class Writer {
 public:
  explicit Writer(Kind kind) { put(kind); }
  template <typename Number>
  Writer& put(Number number) {
    static_assert(std::is_trivially_copyable_v<Number> && !std::is_pointer_v<Number>);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  Writer& text(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reader: takes them out again. After the first thing that does not fit it gives zeros, and whole()
// is no.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <typename Number>
  Number get() {
    Number number{};
    if (rest_.size() < sizeof number) {
      fits_ = false;
      return number;
    }
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_.remove_prefix(sizeof number);
    return number;
  }
  template <typename Number>
  Number get(Number least, Number most) {
    const auto number = get<Number>();
    if (number >= least && number <= most) return number;
    fits_ = false;
    return least;
  }
  std::string text(std::size_t longest) {
    const std::size_t size = get<std::uint32_t>();
    if (size > longest || size > rest_.size()) {
      fits_ = false;
      return {};
    }
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }
  [[nodiscard]] bool whole() const { return fits_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool fits_ = true;
};

template <typename Message, typename Part>
Result<Message> if_whole(const Reader& reader, Part&& part) {
  if (!reader.whole()) return fail(Errc::corrupt, "not a message");
  return Message(std::forward<Part>(part));
}

std::string encoded(const Request& request) {
  Writer writer(Kind::request);
  writer.put(request.errand).put(request.engine).text(request.extension).put(request.size);
  writer.put(request.frames).put(request.threads);
  writer.put(request.memory_bytes).put(request.cpu_seconds).put(request.output_bytes);
  writer.put(static_cast<std::uint32_t>(request.recipes.size()));
  for (const std::string& recipe : request.recipes) writer.text(recipe);
  return writer.take();
}

// How few and how many recipes it comes with.
std::pair<std::uint32_t, std::uint32_t> recipes_of(Request::Errand errand) {
  if (errand == Request::Errand::make) return {1, kMostOrders};
  if (errand == Request::Errand::probe) return {0, 0};
  return {1, 1};
}

Request request_in(Reader& reader) {
  Request request;
  request.errand = reader.get(Request::Errand::make, Request::Errand::slots);
  request.engine = reader.get(Engine::stills, Engine::facts);
  request.extension = reader.text(kLongestExtension);
  request.size = reader.get<std::int64_t>(0, INT64_MAX);
  request.frames = reader.get<std::uint32_t>();
  request.threads = reader.get<std::uint32_t>(1, kMostEngineThreads);
  request.memory_bytes = reader.get<std::uint64_t>();
  request.cpu_seconds = reader.get<std::uint64_t>();
  request.output_bytes = reader.get<std::uint64_t>();
  const auto [least, most] = recipes_of(request.errand);
  const auto count = reader.get<std::uint32_t>(least, most);
  for (std::uint32_t i = 0; i < count; ++i) request.recipes.push_back(reader.text(kLongestRecipe));
  return request;
}

std::string encoded(const Made& made, std::uint32_t order) {
  Writer writer(Kind::made);
  writer.put(order).text(made.extension).put(made.width).put(made.height);
  writer.put(made.frames).put(made.duration_ns);
  return writer.take();
}

Answer made_in(Reader& reader) {
  Answer answer{.order = reader.get<std::uint32_t>(), .result = Made{}};
  answer.result->extension = printable(reader.text(kLongestExtension));
  answer.result->width = reader.get<int>(0, kMostPixels);
  answer.result->height = reader.get<int>(0, kMostPixels);
  answer.result->frames = reader.get<std::int64_t>(0, INT64_MAX);
  answer.result->duration_ns = reader.get<std::int64_t>(0, INT64_MAX);
  return answer;
}

std::string encoded(const MediaFacts& facts) {
  Writer writer(Kind::probed);
  writer.put(facts.width).put(facts.height);
  writer.put(facts.rate_numerator).put(facts.rate_denominator);
  writer.put(facts.frames).put(facts.picture_ns).put(facts.sound_ns);
  writer.put(static_cast<std::uint32_t>(facts.channels.size()));
  for (const int channels : facts.channels) writer.put(channels);
  return writer.take();
}

Probed probed_in(Reader& reader) {
  MediaFacts facts;
  facts.width = reader.get<int>(0, kMostPixels);
  facts.height = reader.get<int>(0, kMostPixels);
  facts.rate_numerator = reader.get<std::int64_t>(0, kLargestPart);
  facts.rate_denominator = reader.get<std::int64_t>(1, kLargestPart);
  facts.frames = reader.get<std::int64_t>(0, INT64_MAX);
  facts.picture_ns = reader.get<std::int64_t>(0, INT64_MAX);
  facts.sound_ns = reader.get<std::int64_t>(0, INT64_MAX);
  const auto tracks = reader.get<std::uint32_t>(0, kMostTracks);
  for (std::uint32_t i = 0; i < tracks; ++i) {
    facts.channels.push_back(reader.get<int>(1, kMostChannels));
  }
  return {.facts = std::move(facts)};
}

Writer& put_error(Writer& writer, const Error& error) {
  return writer.put(error.code()).text(printable(error.message()));
}

Error error_in(Reader& reader) {
  const Errc code = reader.get(Errc{}, kLastErrc);
  return Error::quoted(code, printable(reader.text(kLongestText)));
}

std::string encoded(const Error& error, std::uint32_t order) {
  Writer writer(Kind::failed);
  return put_error(writer.put(order), error).take();
}

Answer failed_in(Reader& reader) {
  const auto order = reader.get<std::uint32_t>();
  return {.order = order, .result = fail(error_in(reader))};
}

std::string encoded(const Ended& ended) {
  return Writer(Kind::ended)
      .put(ended.status)
      .put(ended.peak_memory)
      .put(ended.cpu_milliseconds)
      .text(printable(ended.last_words))
      .take();
}

Ended ended_in(Reader& reader) {
  Ended ended;
  ended.status = reader.get<std::int32_t>();
  ended.peak_memory = reader.get<std::uint64_t>();
  ended.cpu_milliseconds = reader.get<std::uint64_t>();
  ended.last_words = printable(reader.text(kLongestText));
  return ended;
}

std::string encoded(const SlotsDone& done) {
  Writer writer(Kind::slots_done);
  writer.put(static_cast<std::uint8_t>(done.error ? 1 : 0));
  if (done.error) put_error(writer, *done.error);
  return writer.take();
}

SlotsDone slots_done_in(Reader& reader) {
  SlotsDone done;
  if (reader.get<std::uint8_t>(0, 1) == 0) return done;
  done.error = error_in(reader);
  return done;
}

RenderedSlot rendered_in(Reader& reader) {
  RenderedSlot rendered;
  rendered.slot = reader.get<std::int64_t>(0, INT64_MAX);
  rendered.checksum = reader.get<std::uint64_t>(1, UINT64_MAX);
  rendered.is_replaced = reader.get<std::uint8_t>(0, 1) == 1;
  return rendered;
}

}  // namespace

std::size_t outputs_of(const Request& request) {
  const bool has_outline =
      request.errand == Request::Errand::outline || request.errand == Request::Errand::slots;
  return has_outline ? 2 : request.recipes.size();
}

std::string encode(const ToDecoder& message) {
  const auto* render = std::get_if<RenderSlots>(&message);
  if (render == nullptr) return Writer(Kind::end_slots).take();
  return Writer(Kind::render).put(render->first).put(render->count).take();
}

std::string encode(const ToService& message) {
  if (const auto* request = std::get_if<Request>(&message)) return encoded(*request);
  return Writer(Kind::kill).take();
}

std::string encode(const FromService& message) {
  if (const auto* ended = std::get_if<Ended>(&message)) return encoded(*ended);
  const Ready& ready = std::get<Ready>(message);
  return Writer(Kind::ready).text(printable(ready.refusal)).text(printable(ready.build)).take();
}

std::string encode(const FromDecoder& message) {
  if (const auto* progress = std::get_if<ProgressMade>(&message)) {
    return Writer(Kind::progress).put(progress->fraction).take();
  }
  if (const auto* answer = std::get_if<Answer>(&message)) {
    return answer->result ? encoded(*answer->result, answer->order)
                          : encoded(answer->result.error(), answer->order);
  }
  if (const auto* slot = std::get_if<RenderedSlot>(&message)) {
    return Writer(Kind::rendered)
        .put(slot->slot)
        .put(slot->checksum)
        .put(static_cast<std::uint8_t>(slot->is_replaced ? 1 : 0))
        .take();
  }
  if (const auto* done = std::get_if<SlotsDone>(&message)) return encoded(*done);
  if (const auto* probed = std::get_if<Probed>(&message)) return encoded(probed->facts);
  if (const auto* wanted = std::get_if<FrameWanted>(&message)) {
    return Writer(Kind::frame_wanted).put(wanted->index).take();
  }
  return Writer(Kind::done).take();
}

std::string encode(const FrameGiven& message) {
  return Writer(Kind::frame_given)
      .put(message.size)
      .put(message.slot)
      .text(printable(message.error))
      .take();
}

Result<ToService> decode_to_service(std::string_view bytes) {
  Reader reader(bytes);
  const auto kind = reader.get<Kind>();
  if (kind == Kind::request) {
    Request request = request_in(reader);
    return if_whole<ToService>(reader, std::move(request));
  }
  if (kind == Kind::kill) return if_whole<ToService>(reader, Kill{});
  return fail(Errc::corrupt, "not a message for the service");
}

Result<FromService> decode_from_service(std::string_view bytes) {
  Reader reader(bytes);
  const auto kind = reader.get<Kind>();
  if (kind == Kind::ready) {
    Ready ready{.refusal = reader.text(kLongestText), .build = {}};
    ready.build = printable(reader.text(kLongestBuild));
    return if_whole<FromService>(reader, std::move(ready));
  }
  if (kind == Kind::ended) {
    Ended ended = ended_in(reader);
    return if_whole<FromService>(reader, std::move(ended));
  }
  return fail(Errc::corrupt, "not a message of the service");
}

Result<FromDecoder> decode_from_decoder(std::string_view bytes) {
  Reader reader(bytes);
  const auto kind = reader.get<Kind>();
  if (kind == Kind::progress) {
    const auto fraction = reader.get<double>();
    if (!std::isfinite(fraction)) return fail(Errc::corrupt, "progress that is no number");
    return if_whole<FromDecoder>(reader, ProgressMade{.fraction = std::clamp(fraction, 0.0, 1.0)});
  }
  if (kind == Kind::made) {
    Answer answer = made_in(reader);
    return if_whole<FromDecoder>(reader, std::move(answer));
  }
  if (kind == Kind::failed) {
    Answer answer = failed_in(reader);
    return if_whole<FromDecoder>(reader, std::move(answer));
  }
  if (kind == Kind::probed) {
    Probed probed = probed_in(reader);
    return if_whole<FromDecoder>(reader, std::move(probed));
  }
  if (kind == Kind::frame_wanted) {
    const FrameWanted wanted{.index = reader.get<std::uint32_t>()};
    return if_whole<FromDecoder>(reader, wanted);
  }
  if (kind == Kind::done) return if_whole<FromDecoder>(reader, Done{});
  if (kind == Kind::rendered) {
    const RenderedSlot rendered = rendered_in(reader);
    return if_whole<FromDecoder>(reader, rendered);
  }
  if (kind == Kind::slots_done) {
    SlotsDone done = slots_done_in(reader);
    return if_whole<FromDecoder>(reader, std::move(done));
  }
  return fail(Errc::corrupt, "not a message of a decoder");
}

Result<ToDecoder> decode_to_decoder(std::string_view bytes) {
  Reader reader(bytes);
  const auto kind = reader.get<Kind>();
  if (kind == Kind::render) {
    const RenderSlots render{.first = reader.get<std::int64_t>(0, INT64_MAX),
                             .count = reader.get<std::int64_t>(1, INT64_MAX)};
    return if_whole<ToDecoder>(reader, render);
  }
  if (kind == Kind::end_slots) return if_whole<ToDecoder>(reader, EndSlots{});
  return fail(Errc::corrupt, "not a message for a decoder");
}

Result<FrameGiven> decode_frame_given(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.get<Kind>() != Kind::frame_given) return fail(Errc::corrupt, "not a frame");
  FrameGiven given;
  given.size = reader.get<std::int64_t>(0, INT64_MAX);
  given.slot = reader.get<std::int64_t>(0, INT64_MAX);
  given.error = reader.text(kLongestText);
  return if_whole<FrameGiven>(reader, std::move(given));
}

std::string printable(std::string_view text) {
  std::size_t size = std::min(text.size(), kLongestText);
  const auto within_character = [&] {
    return size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) >> 6U) == 2;
  };
  while (within_character()) --size;
  std::string printable(text.substr(0, size));
  const bool utf8 = is_utf8(printable);
  for (char& c : printable) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (!utf8 && byte >= 0x80)) c = '?';
  }
  return printable;
}

}  // namespace lensfs
