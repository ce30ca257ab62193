#include "transcode/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <limits>
#include <random>

namespace lensfs {
namespace {

Request a_request() {
  return {.engine = Engine::timed,
          .extension = "mov",
          .size = 1LL << 40,
          .frames = 240,
          .memory_bytes = 1,
          .cpu_seconds = 2,
          .output_bytes = 3,
          .recipes = {"still.1", "video.1 box=1280x720"}};
}

TEST(Protocol, GivesARequestBack) {
  const auto back = decode_to_service(encode(ToService(a_request())));

  ASSERT_TRUE(back);
  const auto& request = std::get<Request>(*back);
  EXPECT_EQ(request.engine, Engine::timed);
  EXPECT_EQ(request.extension, "mov");
  EXPECT_EQ(request.size, 1LL << 40);
  EXPECT_EQ(request.frames, 240U);
  EXPECT_EQ(request.memory_bytes, 1U);
  EXPECT_EQ(request.cpu_seconds, 2U);
  EXPECT_EQ(request.output_bytes, 3U);
  EXPECT_EQ(request.recipes, a_request().recipes);
}

TEST(Protocol, GivesAFrameBackThatIsWantedAndGiven) {
  const auto wanted = decode_from_decoder(encode(FromDecoder(FrameWanted{.index = 1001})));
  const auto given =
      decode_frame_given(encode(FrameGiven{.size = 1LL << 33, .slot = 7, .error = "gone"}));

  ASSERT_TRUE(wanted);
  EXPECT_EQ(std::get<FrameWanted>(*wanted).index, 1001U);
  ASSERT_TRUE(given);
  EXPECT_EQ(given->size, 1LL << 33);
  EXPECT_EQ(given->slot, 7);
  EXPECT_EQ(given->error, "gone");
  EXPECT_FALSE(decode_frame_given(encode(FromDecoder(Done{}))));
}

TEST(Protocol, GivesAnEndingBack) {
  const auto back = decode_from_service(encode(FromService(
      Ended{.status = -3, .peak_memory = 1, .cpu_milliseconds = 2, .last_words = "oh"})));

  ASSERT_TRUE(back);
  const auto& ended = std::get<Ended>(*back);
  EXPECT_EQ(ended.status, -3);
  EXPECT_EQ(ended.peak_memory, 1U);
  EXPECT_EQ(ended.cpu_milliseconds, 2U);
  EXPECT_EQ(ended.last_words, "oh");
}

TEST(Protocol, GivesFactsBack) {
  const MediaFacts facts{.width = 1920,
                         .height = 1080,
                         .rate_numerator = 30000,
                         .rate_denominator = 1001,
                         .frames = 7,
                         .picture_ns = 8,
                         .sound_ns = 9,
                         .channels = {2, 6}};

  const auto back = decode_from_decoder(encode(FromDecoder(Probed{.facts = facts})));

  ASSERT_TRUE(back);
  const MediaFacts& same = std::get<Probed>(*back).facts;
  EXPECT_EQ(same.width, 1920);
  EXPECT_EQ(same.height, 1080);
  EXPECT_EQ(same.rate_numerator, 30000);
  EXPECT_EQ(same.rate_denominator, 1001);
  EXPECT_EQ(same.frames, 7);
  EXPECT_EQ(same.picture_ns, 8);
  EXPECT_EQ(same.sound_ns, 9);
  EXPECT_EQ(same.channels, facts.channels);
}

TEST(Protocol, OfAProbeHasNoRecipes) {
  Request probe = a_request();
  probe.errand = Request::Errand::probe;

  EXPECT_FALSE(decode_to_service(encode(ToService(probe))));
  probe.recipes.clear();
  EXPECT_TRUE(decode_to_service(encode(ToService(probe))));
}

TEST(Protocol, GivesAnErrorBackInItsWords) {
  const Error error = Error(Errc::not_supported).with("needs a font");

  const auto back =
      decode_from_decoder(encode(FromDecoder(Answer{.order = 3, .result = fail(error)})));

  ASSERT_TRUE(back);
  const auto& answer = std::get<Answer>(*back);
  EXPECT_EQ(answer.order, 3U);
  EXPECT_EQ(answer.result.error().code(), Errc::not_supported);
  EXPECT_EQ(answer.result.error().message(), error.message());
}

TEST(Protocol, TakesNoPartOfAMessageForOne) {
  const std::string whole = encode(ToService(a_request()));

  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_to_service(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_to_service(whole + "x"));
}

TEST(Protocol, TakesNoNumberOutOfItsRange) {
  const auto answer = [](const Made& made) {
    return decode_from_decoder(encode(FromDecoder(Answer{.order = 0, .result = made})));
  };
  const double no_number = std::numeric_limits<double>::quiet_NaN();

  EXPECT_TRUE(answer({.extension = "png"}));
  EXPECT_FALSE(answer({.extension = "png", .width = -1}));
  EXPECT_FALSE(answer({.extension = "png", .height = 1 << 30}));
  EXPECT_FALSE(answer({.extension = "png", .frames = -1}));
  EXPECT_FALSE(answer({.extension = "png", .duration_ns = -1}));
  EXPECT_FALSE(answer({.extension = std::string(1000, 'x')}));
  EXPECT_FALSE(decode_from_decoder(encode(FromDecoder(ProgressMade{.fraction = no_number}))));
}

TEST(Protocol, SurvivesAnyBytes) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> byte(0, 255);

  for (int round = 0; round < 100'000; ++round) {
    std::string bytes(static_cast<std::size_t>(round % 80), '\0');
    for (char& c : bytes) c = static_cast<char>(byte(random));
    if (!bytes.empty()) bytes[0] = static_cast<char>(round % 9);
    const auto message = decode_from_decoder(bytes);
    EXPECT_TRUE(message || message.error().code() == Errc::corrupt);
  }
}

TEST(Protocol, ShowsTextOfAnyBytesAsUtf8) {
  EXPECT_EQ(printable("a\n\x1b[31mb"), "a??[31mb");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(printable("\xff\xfe"), "??");
  EXPECT_EQ(printable(std::string(kLongestText - 1, 'x') + "\xc3\xbc"),
            std::string(kLongestText - 1, 'x'));
  EXPECT_LE(printable(std::string(5000, '\x80')).size(), kLongestText);
}

TEST(Protocol, RefusesDescriptorsThatNobodyAskedFor) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  const Fd one(ends[0]);
  const Fd other(ends[1]);
  const std::array<int, 1> mine = {STDERR_FILENO};
  ASSERT_TRUE(send_message(one.get(), "x", mine));
  ASSERT_TRUE(send_message(one.get(), "x", mine));

  const auto refused = receive_message(other.get(), Descriptors::refuse);
  const auto accepted = receive_message(other.get(), Descriptors::accept);

  EXPECT_TRUE(refused->fds.empty());
  EXPECT_EQ(accepted->fds.size(), 1U);
  EXPECT_EQ(receive_message(other.get(), Descriptors::accept).error().code(), Errc::busy);
}

}  // namespace
}  // namespace lensfs
