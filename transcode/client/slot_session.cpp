#include "transcode/client/slot_session.h"

#include <poll.h>

#include <cerrno>

#include "transcode/client/verdict.h"

namespace lensfs {
namespace {

// How long the kernel may take to end a killed decoder before the service is ended as well.
constexpr int kKillTakesMilliseconds = 5000;

// False if nothing came in that time.
bool wait_for(int socket, std::chrono::milliseconds time) {
  pollfd source{.fd = socket, .events = POLLIN, .revents = 0};
  int came = 0;
  do {
    came = ::poll(&source, 1, static_cast<int>(time.count()));
  } while (came < 0 && errno == EINTR);
  return came > 0;
}

}  // namespace

Status SlotSession::open(const MediaSource& source, const Recipe& recipe, const OutlineFiles& files,
                         std::int64_t file_size) {
  close();
  const EngineLimits limits{.memory_bytes = limits_.memory_bytes,
                            .cpu = limits_.cpu,
                            .output_bytes = static_cast<std::uint64_t>(file_size)};
  LENSFS_TRY(talk_, engine_.ask({.errand = Request::Errand::slots,
                                 .source = source,
                                 .recipes = {recipe.text()},
                                 .outputs = {files.bytes, files.layout}},
                                limits));
  return {};
}

void SlotSession::close() {
  if (talk_) static_cast<void>(ended(Error(Errc::interrupted)));
}

Status SlotSession::render(std::int64_t first, std::int64_t count, const SlotTold& tell) {
  if (!talk_) return fail(Errc::io, "no decoder is there");
  const std::string wanted = encode(ToDecoder(RenderSlots{.first = first, .count = count}));
  // One that has ended may have said why: that is heard below.
  if (!send_message(talk_.get(), wanted, {})) errno = 0;
  bool goes_on = true;
  for (;;) {
    auto message = hear();
    if (!message) return fail(message.error());
    if (const auto* slot = std::get_if<RenderedSlot>(&*message)) {
      const bool more = tell(*slot);
      if (more || !goes_on) continue;
      goes_on = false;
      if (!send_message(talk_.get(), encode(ToDecoder(EndSlots{})), {})) errno = 0;
    } else if (auto* done = std::get_if<SlotsDone>(&*message)) {
      return done->error ? Status(fail(ended(std::move(done->error)))) : Status();
    } else {
      return fail(ended(Error(Errc::corrupt, "the decoder answered what is no answer")));
    }
  }
}

Result<FromDecoder> SlotSession::hear() {
  if (!wait_for(talk_.get(), limits_.quiet)) {
    return fail(ended(over_limit("rendered nothing for " + time_in_words(limits_.quiet))));
  }
  const auto received = receive_message(talk_.get(), Descriptors::refuse);
  if (!received || received->bytes.empty()) return fail(ended(std::nullopt));
  auto message = decode_from_decoder(received->bytes);
  if (!message) return fail(ended(message.error()));
  return message;
}

Error SlotSession::ended(std::optional<Error> reason) {
  talk_.reset();
  const Error lost(Errc::io, "the service of the decoder died");
  if (reason && !send_message(engine_.control_.get(), encode(ToService(Kill{})), {})) {
    engine_.end();
    return *reason;
  }
  if (!wait_for(engine_.control_.get(), std::chrono::milliseconds(kKillTakesMilliseconds))) {
    engine_.end();
    return reason.value_or(lost);
  }
  const auto received = receive_message(engine_.control_.get(), Descriptors::refuse);
  const auto message = received ? decode_from_service(received->bytes) : fail(received.error());
  const auto* const end = message ? std::get_if<Ended>(&*message) : nullptr;
  if (end == nullptr) {
    engine_.end();
    return reason.value_or(lost);
  }
  if (reason) return *reason;
  return verdict(*end, {.memory_bytes = limits_.memory_bytes, .cpu = limits_.cpu});
}

}  // namespace lensfs
