// What a client of the decoder says to it, and hears: messages over sockets of kind SOCK_SEQPACKET,
// descriptors beside them. Two sockets:
//   control   client -> service: Request, Kill.  service -> client: Ready (once), Ended (one for
//             each Request). The service is a program of ours that looks at no media.
//   answers   decoder -> client, one socket for each request: Progress, Answer or Probed, Done. The
//             decoder may have been taken over by what it decoded: everything that comes this way
//             is doubted. One that renders slots is told which over the same socket:
//             client -> decoder: RenderSlots, EndSlots.  decoder -> client: RenderedSlot,
//             SlotsDone. One that makes something of a sequence asks for its frames there:
//             decoder -> client: FrameWanted.  client -> decoder: FrameGiven (one for each).
//
// Of a sequence the decoder gets one descriptor, an empty file in memory, and asks for one frame
// after another, which the client puts there: no descriptor comes into a decoder that runs.
//
// Both ends are of one build, on one machine: numbers are in the machine's order. What is not
// exactly a message is corrupt.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catalog/base/fd.h"
#include "transcode/outline.h"

namespace lensfs {

// Where the service finds the control socket.
inline constexpr int kControlDescriptor = 3;
// How a decoder ends that did what its sandbox forbids; its last words name the system call.
inline constexpr int kExitForbidden = 99;

inline constexpr std::size_t kMostOrders = 64;
inline constexpr std::size_t kMostTracks = 256;
inline constexpr std::size_t kLargestMessage = 32 * 1024;
inline constexpr std::size_t kLongestText = 1000;  // of an error, in bytes; more is cut off

// With it come descriptors: the decoder's end of the answers, the source, and the outputs.
struct Request {
  enum class Errand : std::uint8_t {
    make,     // by each recipe; one output for each
    probe,    // say what the source is: no recipes; an error is answered as that of order 0
    outline,  // by the one recipe; outputs: bytes and layout
    slots,    // of such an outline, as long as anybody asks; outputs: the same
  } errand = Errand::make;
  Engine engine = Engine::stills;
  std::string extension;
  std::int64_t size = 0;
  std::uint32_t frames = 0;   // of a sequence
  std::uint32_t threads = 1;  // that it may use
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpu_seconds = 0;
  std::uint64_t output_bytes = 0;
  std::vector<std::string> recipes;
};
[[nodiscard]] std::size_t outputs_of(const Request& request);
struct Kill {};  // the decoder that runs now, if one does
using ToService = std::variant<Request, Kill>;

// The service started, or says why it cannot.
struct Ready {
  std::string refusal;  // empty: it did
  std::string build;    // engine_build()
};
// How a decoder ended.
struct Ended {
  std::int32_t status = 0;        // as waitpid gives it
  std::uint64_t peak_memory = 0;  // bytes that were in memory at once
  std::uint64_t cpu_milliseconds = 0;
  std::string last_words;  // the end of what it wrote to standard error, at most kLongestText
};
using FromService = std::variant<Ready, Ended>;

struct ProgressMade {
  double fraction = 0;  // 0 … 1
};
struct Answer {
  std::uint32_t order = 0;
  Result<Made> result;
};
struct Probed {
  MediaFacts facts;
};
struct Done {};  // nothing more will come
// As many as were asked for, if nothing failed and nobody said EndSlots.
struct SlotsDone {
  std::optional<Error> error{};
};
struct FrameWanted {
  std::uint32_t index = 0;
};
using FromDecoder =
    std::variant<ProgressMade, Answer, Probed, Done, RenderedSlot, SlotsDone, FrameWanted>;

// One at a time: the next after SlotsDone.
struct RenderSlots {
  std::int64_t first = 0;
  std::int64_t count = 0;
};
struct EndSlots {};  // those that are rendered now are enough
using ToDecoder = std::variant<RenderSlots, EndSlots>;

// The frame that was asked for lies in the source's descriptor; or why it does not.
struct FrameGiven {
  std::int64_t size = 0;
  std::int64_t slot = 0;
  std::string error;  // empty: it does
};

[[nodiscard]] std::string encode(const ToService& message);
[[nodiscard]] std::string encode(const FromService& message);
[[nodiscard]] std::string encode(const FromDecoder& message);
[[nodiscard]] std::string encode(const ToDecoder& message);
[[nodiscard]] std::string encode(const FrameGiven& message);

// corrupt if it is none. Texts come back as UTF-8 without control characters, numbers in their
// ranges; whether there is such an order only the client knows.
[[nodiscard]] Result<ToService> decode_to_service(std::string_view bytes);
[[nodiscard]] Result<FromService> decode_from_service(std::string_view bytes);
[[nodiscard]] Result<FromDecoder> decode_from_decoder(std::string_view bytes);
[[nodiscard]] Result<ToDecoder> decode_to_decoder(std::string_view bytes);
[[nodiscard]] Result<FrameGiven> decode_frame_given(std::string_view bytes);

// A message as it came. Without bytes: the other end is closed.
struct Received {
  std::string bytes;
  std::vector<Fd> fds;
};
enum class Descriptors { accept, refuse };

// Waits while the socket is full. Descriptors stay the caller's.
[[nodiscard]] Status send_message(int socket, std::string_view bytes, std::span<const int> fds);
// Does not wait: busy if there is nothing. corrupt for a message that is too large. Descriptors
// that are refused are closed by the kernel.
[[nodiscard]] Result<Received> receive_message(int socket, Descriptors descriptors);

// Printable: what is not UTF-8 or is a control character becomes "?"; cut to kLongestText.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace lensfs
