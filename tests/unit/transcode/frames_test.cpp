// The frames of a sequence on their way into a decoder.
#include "tests/unit/transcode/decoding.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

class FramesTest : public Decoding {
 protected:
  // Frames that hold these bytes, two slots apart; "" is one that cannot be read.
  std::string said_of(const std::vector<std::string>& frames, const std::string& extension) {
    const Fd output = memory_file("");
    const Order order{.recipe = {}, .output = output.get()};
    const MediaSource source{.fd = -1,
                             .size = 0,
                             .extension = extension,
                             .frames = frames.size(),
                             .frame = [&](std::size_t index) -> Result<SourceFrame> {
                               const std::string& bytes = frames[index];
                               if (bytes.empty())
                                 return fail(Error(Errc::not_found, "no such object").with("abc"));
                               return SourceFrame{.file = memory_file(bytes),
                                                  .size = static_cast<std::int64_t>(bytes.size()),
                                                  .slot = static_cast<std::int64_t>(2 * index)};
                             }};
    answers_ = process_.run(source, std::span(&order, 1), Engine::timed, ample_limits(), {}, {});
    return bytes_of(output.get());
  }
  Answers answers_;
};

TEST_F(FramesTest, ComeOneAfterAnother) {
  EXPECT_EQ(said_of({"the first", "2", "and the third"}, "exr"),
            "0 the first\n2 2\n4 and the third\n");
  EXPECT_TRUE(answers_[0]);
}

TEST_F(FramesTest, ThatCannotBeReadSayWhyAndTheOthersCome) {
  const std::string said = said_of({"one", "", "three"}, "exr");

  EXPECT_THAT(said, HasSubstr("no such object"));
  EXPECT_THAT(said, HasSubstr("4 three"));
}

TEST_F(FramesTest, ThatThereAreNotEndTheDecoder) {
  static_cast<void>(said_of({"one"}, "beyond"));

  ASSERT_FALSE(answers_[0]);
  EXPECT_EQ(answers_[0].error().code(), Errc::corrupt);
}

}  // namespace
}  // namespace lensfs::test
