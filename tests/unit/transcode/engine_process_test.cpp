// What comes of requests: answers, limits, and decoders that fail in every way.
#include <signal.h>
#include <unistd.h>

#include <iterator>
#include <sstream>

#include "tests/unit/transcode/decoding.h"

namespace lensfs::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

using EngineProcessTest = Decoding;

// ASan and TSan end a process in their own ways when a signal or the end of memory comes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Processes that this one started and that did not end.
std::vector<pid_t> children() {
  const std::string self = std::to_string(::getpid());
  const auto list = read_text("/proc/self/task/" + self + "/children");
  std::istringstream numbers(list ? *list : "");
  return {std::istream_iterator<pid_t>(numbers), {}};
}

TEST_F(EngineProcessTest, GivesWhatWasMade) {
  const Decoded decoded = decode("write 1000");

  ASSERT_TRUE(decoded.answers[0]);
  EXPECT_EQ(decoded.outputs[0], std::string(1000, 'x'));
  EXPECT_EQ(decoded.answers[0]->extension, "txt");
  EXPECT_EQ(decoded.answers[0]->width, 4);
  EXPECT_EQ(decoded.answers[0]->height, 3);
  EXPECT_EQ(decoded.answers[0]->frames, 1000);
  EXPECT_EQ(decoded.answers[0]->duration_ns, 7);
}

TEST_F(EngineProcessTest, AsksTheEngineThatIsNamedWithRecipeAndExtension) {
  engine_ = Engine::timed;

  EXPECT_EQ(made("anything"), "timed deed " + Recipe().text());
}

TEST_F(EngineProcessTest, AnswersEachOrderByItself) {
  const Decoded decoded = decode("write 5\nrefuse a sound file\nwrite 7", 3);

  EXPECT_TRUE(decoded.answers[0]);
  ASSERT_FALSE(decoded.answers[1]);
  EXPECT_EQ(decoded.answers[1].error().code(), Errc::not_supported);
  EXPECT_THAT(decoded.answers[1].error().message(), HasSubstr("a sound file: no picture in it"));
  EXPECT_TRUE(decoded.answers[2]);
  EXPECT_EQ(decoded.outputs[2].size(), 7U);
}

TEST_F(EngineProcessTest, TakesAsManyOrdersAsItSays) {
  const Decoded most = decode("write 1", kMostOrders);
  const Decoded more = decode("write 1", kMostOrders + 1);

  for (const auto& answer : most.answers) EXPECT_TRUE(answer);
  for (const auto& answer : more.answers) EXPECT_EQ(answer.error().code(), Errc::too_big);
}

TEST_F(EngineProcessTest, SaysHowFarItGot) {
  std::vector<double> fractions;
  progress_ = [&](double fraction) { fractions.push_back(fraction); };

  static_cast<void>(decode("write 1", 4));

  EXPECT_THAT(fractions, testing::ElementsAre(0.25, 0.5, 0.75, 1.0));
}

TEST_F(EngineProcessTest, NamesTheSignalOfACrash) {
  if (kSanitized) GTEST_SKIP();
  const Failure segmentation = failure("touch-nothing");
  const Failure division = failure("raise 8");

  EXPECT_EQ(segmentation.code, Errc::corrupt);
  EXPECT_THAT(segmentation.message,
              HasSubstr("the decoder was killed by signal 11 (segmentation fault)"));
  EXPECT_THAT(division.message, HasSubstr("signal 8"));
}

TEST_F(EngineProcessTest, RepeatsTheLastWordsOfACrash) {
  const Failure failed = failure("say-and-abort the header is nonsense\x01");

  EXPECT_EQ(failed.code, Errc::corrupt);
  EXPECT_THAT(failed.message, HasSubstr("saying \"the header is nonsense?\""));
}

TEST_F(EngineProcessTest, KillsWhatMakesNoProgress) {
  EngineLimits limits = ample_limits();
  limits.quiet = milliseconds(100);

  for (const char* deed : {"hang", "loop", "close-answers", "send-empty"}) {
    const Failure failed = failure(deed, limits);
    EXPECT_EQ(failed.code, Errc::too_big);
    EXPECT_THAT(failed.message, HasSubstr("the decoder made no progress for 100 ms"));
  }
}

TEST_F(EngineProcessTest, KillsWhatTakesTooLongInSpiteOfProgress) {
  EngineLimits limits = ample_limits();
  limits.total = milliseconds(100);

  for (const char* deed : {"progress", "flood"}) {
    const Failure failed = failure(deed, limits);
    EXPECT_EQ(failed.code, Errc::too_big);
    EXPECT_THAT(failed.message, HasSubstr("the decoder took longer than 100 ms"));
  }
}

TEST_F(EngineProcessTest, LimitsTheTimeOfTheProcessor) {
  EngineLimits limits = ample_limits();
  limits.cpu = seconds(1);

  const Failure failed = failure("loop", limits);

  EXPECT_EQ(failed.code, Errc::too_big);
  EXPECT_THAT(failed.message, HasSubstr("the decoder used more than 1 s of processor time"));
}

TEST_F(EngineProcessTest, LimitsMemory) {
  if (kSanitized) GTEST_SKIP();
  for (const char* deed : {"allocate x", "allocate-in-thread x"}) {
    const Failure failed = failure(deed);
    EXPECT_EQ(failed.code, Errc::too_big);
    EXPECT_THAT(failed.message, HasSubstr("the decoder used more than 256 MiB of memory"));
  }
}

TEST_F(EngineProcessTest, LimitsEachOutput) {
  const Decoded decoded = decode("write 10\nfill\nwrite 10", 3);

  EXPECT_TRUE(decoded.answers[0]);
  ASSERT_FALSE(decoded.answers[1]);
  EXPECT_EQ(decoded.answers[1].error().code(), Errc::too_big);
  EXPECT_THAT(decoded.answers[1].error().message(), HasSubstr("the size limit of 1 MiB"));
  EXPECT_EQ(decoded.outputs[1].size(), ample_limits().output_bytes);
  EXPECT_TRUE(decoded.answers[2]);
}

TEST_F(EngineProcessTest, TakesAnExceptionForADamagedSource) {
  const Failure failed = failure("throw odd tables");

  EXPECT_EQ(failed.code, Errc::corrupt);
  EXPECT_THAT(failed.message, HasSubstr("odd tables"));
}

TEST_F(EngineProcessTest, NoticesAnEndWithoutAnAnswer) {
  for (const char* deed : {"exit 0", "exit 5"}) {
    const Failure failed = failure(deed);
    EXPECT_EQ(failed.code, Errc::corrupt);
    EXPECT_THAT(failed.message, HasSubstr("the decoder ended without an answer"));
  }
}

TEST_F(EngineProcessTest, BelievesNoGarbage) {
  for (int seed = 1; seed <= 50; ++seed) {
    const Failure failed = failure("garbage " + std::to_string(seed));
    EXPECT_EQ(failed.code, Errc::corrupt) << seed << ": " << failed.message;
  }
  EXPECT_THAT(failure("send-too-large").message, HasSubstr("answered what is no answer"));
}

TEST_F(EngineProcessTest, StopsWhenAsked) {
  progress_ = [this](double) { stop_.request_stop(); };

  EXPECT_EQ(failure("progress").code, Errc::interrupted);
}

TEST_F(EngineProcessTest, DoesNotStartWhenStoppedAlready) {
  stop_.request_stop();

  EXPECT_EQ(failure("loop").code, Errc::interrupted);
}

TEST_F(EngineProcessTest, IsNotHeldUpByChatter) {
  EXPECT_EQ(made("chatter"), "ok");
}

TEST_F(EngineProcessTest, SaysWhatASourceIs) {
  const auto facts = probe("300 2 1");

  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->frames, 300);
  EXPECT_EQ(facts->rate_numerator, 25);
  EXPECT_THAT(facts->channels, testing::ElementsAre(2, 1));
}

TEST_F(EngineProcessTest, SaysWhyASourceCannotBeProbed) {
  const auto refused = probe("refuse");
  const auto crashed = probe("crash");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::not_supported);
  EXPECT_THAT(refused.error().message(), HasSubstr("nothing that takes time"));
  ASSERT_FALSE(crashed);
  EXPECT_EQ(crashed.error().code(), Errc::corrupt);
}

TEST_F(EngineProcessTest, BelievesNoFactsThatCannotBe) {
  EXPECT_FALSE(probe("-5")) << "less than no frame";
  EXPECT_FALSE(probe("10 0")) << "a track of no channel";
}

TEST_F(EngineProcessTest, SurvivesTheDeathOfItsService) {
  progress_ = [](double) {
    for (const pid_t child : children()) ::kill(child, SIGKILL);
  };

  const Failure failed = failure("progress");

  EXPECT_EQ(failed.code, Errc::io);
  EXPECT_THAT(failed.message, HasSubstr("the service of the decoder died"));
}

TEST(EngineProcess, WithoutItsProgramSaysWhatIsMissing) {
  EngineProcess process({.path = "/nowhere/lensfs-transcode"});

  const Status started = process.start();

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), Errc::not_found);
  EXPECT_THAT(started.error().message(), HasSubstr("/nowhere/lensfs-transcode"));
}

TEST(EngineProcess, OfAProgramThatIsNoneFails) {
  EngineProcess process({.path = "/bin/true"});

  EXPECT_FALSE(process.start());
  EXPECT_FALSE(process.start());
}

}  // namespace
}  // namespace lensfs::test
