// lensfs-transcode as it is, with its engines, in its sandbox.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "transcode/client/engine_process.h"
#include "transcode/sandbox.h"

namespace lensfs::test {
namespace {

class TranscodeProgram : public testing::Test {
 protected:
  void SetUp() override {
    if (const Status can = check_sandbox(); !can) GTEST_SKIP() << can.error().message();
    if (!has_program("ffmpeg")) GTEST_SKIP() << "no ffmpeg to make media with";
  }

  // Two seconds of a test picture with a tone, in this format.
  std::filesystem::path make_media(const std::string& name, std::vector<std::string> encoding) {
    std::vector<std::string> words = {
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=2"};
    words.insert(words.end(), encoding.begin(), encoding.end());
    const auto path = folder_ / name;
    words.push_back(path.string());
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return path;
  }

  Result<Made> decode(const std::filesystem::path& path, Engine engine, const Recipe& recipe) {
    const auto source = open_path(path, O_RDONLY);
    const Fd output(::memfd_create("output", MFD_CLOEXEC));
    const Order order{.recipe = recipe, .output = output.get()};
    Answers answers = process_.run({.fd = source->get(),
                                    .size = stat_of(source->get())->st_size,
                                    .extension = path.extension().string().substr(1)},
                                   {&order, 1}, engine, {}, {}, {});
    EXPECT_TRUE(!answers[0] || stat_of(output.get())->st_size > 100);
    return answers[0];
  }

  TempDir folder_;
  EngineProcess process_{{.path = LENSFS_TRANSCODE_PROGRAM}};
};

TEST_F(TranscodeProgram, MakesAPictureSmaller) {
  const auto picture = make_media("a.png", {"-frames:v", "1"});

  const auto made = decode(picture, Engine::stills, {.width = 160, .height = 160});

  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->width, 160);
  EXPECT_EQ(made->height, 90);
}

TEST_F(TranscodeProgram, MakesAVideoSmaller) {
  const auto clip = make_media("a.mov", {"-c:v", "mpeg4"});

  const auto made =
      decode(clip, Engine::timed,
             {.form = Recipe::Form::video, .width = 160, .height = 160, .format = "mov"});

  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->width, 160);
  EXPECT_EQ(made->frames, 50);
}

TEST_F(TranscodeProgram, SaysThatNonsenseIsNone) {
  const auto nonsense = folder_ / "a.mov";
  ASSERT_TRUE(write_text(nonsense, "this is not media"));

  EXPECT_FALSE(decode(nonsense, Engine::timed, {.width = 160, .height = 160}));
  EXPECT_FALSE(decode(nonsense, Engine::stills, {.width = 160, .height = 160}));
}

}  // namespace
}  // namespace lensfs::test
