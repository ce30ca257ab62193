// What make_stills needs in a process that was forked after prepare_stills and shut in: no file but
// fonts, colour profiles and the resources of Ghostscript and Poppler can be opened, and memory is
// short.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/landlock.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "catalog/base/fd.h"
#include "tests/media/image/made_media.h"
#include "tests/media/image/stills.h"
#include "tests/support/files.h"

namespace lensfs::test {
namespace {

constexpr std::array kReadable = {"/usr/share/fonts", "/usr/share/color", "/usr/share/ghostscript",
                                  "/usr/share/poppler"};

bool allow(int rules, const char* folder) {
  const Fd fd(open(folder, O_PATH | O_CLOEXEC));
  if (!fd) return true;  // not installed
  landlock_path_beneath_attr rule{};
  rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
  rule.parent_fd = fd.get();
  return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

bool shut_in() {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = (1ULL << 13U) - 1;  // everything that the first ABI knows
  const Fd rules(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0)));
  if (!rules) return false;
  for (const char* folder : kReadable)
    if (!allow(rules.get(), folder)) return false;
  constexpr rlim_t kMemory = rlim_t{2} << 30U;
  const rlimit memory{kMemory, kMemory};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0 &&
         setrlimit(RLIMIT_AS, &memory) == 0 && open("/etc/passwd", O_RDONLY) < 0;
}

enum class Where { free, shut_in };

// The still that a forked child makes, "" if it fails; its error goes to `why`.
std::string still_of(const path& source, Where where, std::string& why) {
  const Fd in = open_path(source, O_RDONLY).value();
  const Fd out(memfd_create("still", MFD_CLOEXEC));
  const Fd words(memfd_create("words", MFD_CLOEXEC));
  const auto size = stat_of(in.get()).value().st_size;
  const pid_t child = fork();
  if (child == 0) {
    if (where == Where::shut_in && !shut_in()) _exit(77);
    alarm(60);
    Order order;
    order.recipe.width = 200;
    order.recipe.height = 200;
    order.recipe.format = "png";
    order.output = out.get();
    const Answers answers = make_stills({in.get(), size, extension_of(source)}, {&order, 1}, {});
    if (answers[0]) _exit(0);
    const std::string message = answers[0].error().message();
    _exit(write(words.get(), message.data(), message.size()) < 0 ? 2 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::string message(static_cast<std::size_t>(stat_of(words.get()).value().st_size), '\0');
  (void)read_full(words.get(), std::as_writable_bytes(std::span(message)), 0);
  why = "status " + std::to_string(status) + " " + message;
  if (status != 0) return "";
  std::string still(static_cast<std::size_t>(stat_of(out.get()).value().st_size), '\0');
  (void)read_full(out.get(), std::as_writable_bytes(std::span(still)), 0);
  return still;
}

bool can_shut_in() {
  const pid_t child = fork();
  if (child == 0) _exit(shut_in() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0;
}

class Sandbox : public testing::Test {
 protected:
  void SetUp() override {
    prepare_stills();
    if (!can_shut_in()) GTEST_SKIP() << "no Landlock here";
  }
  // Whether both children make the same still.
  void expect_same(const path& source) {
    SCOPED_TRACE(source.filename().string());
    std::string why_free;
    std::string why_shut;
    const std::string free = still_of(source, Where::free, why_free);
    const std::string shut = still_of(source, Where::shut_in, why_shut);
    EXPECT_NE(free, "") << why_free;
    EXPECT_TRUE(shut == free) << why_shut;
  }
};

TEST_F(Sandbox, PreparingLeavesNoThreadAndNoCodeThatChildrenWouldShare) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line))
    EXPECT_TRUE(line.rfind("Threads:", 0) != 0 || line == "Threads:\t1") << line;

  std::ifstream maps("/proc/self/maps");
  while (std::getline(maps, line)) EXPECT_EQ(line.find("xs "), std::string::npos) << line;
}

TEST_F(Sandbox, PicturesOfEveryKindAreMade) {
  TempDir folder;
  make_quarters(folder / "a.png", 640, 480);
  for (const char* name : {"a.jpg", "a.gif", "a.webp", "a.tif", "a.jp2", "a.jxl", "a.avif",
                           "a.heic", "a.hdr", "a.ppm"})
    make_with({"vips", "copy", (folder / "a.png").string(), (folder / name).string()});
  for (const char* name : {"a.bmp", "a.tga", "a.ico", "a.pcx", "a.sgi", "a.dds", "a.psd"})
    make_with(
        {"convert", (folder / "a.png").string(), "-resize", "128x", (folder / name).string()});
  make_with(
      {"ffmpeg", "-v", "error", "-i", (folder / "a.png").string(), (folder / "a.exr").string()});
  make_with(
      {"ffmpeg", "-v", "error", "-i", (folder / "a.png").string(), (folder / "a.dpx").string()});
  write_file(folder / "a.dng", dng());

  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    if (entry.path().extension() != ".ppm" || entry.path().stem() == "a") expect_same(entry.path());
}

TEST_F(Sandbox, DrawingsWithTextAreMade) {
  TempDir folder;
  write_file(folder / "a.svg",
             "<svg xmlns='http://www.w3.org/2000/svg' width='90' height='60'><text y='30' "
             "font-family='serif' font-size='20'>Test \xc3\xa5\xe6\xbc\xa2</text></svg>");
  write_file(
      folder / "a.eps",
      "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 60\n/Times-Roman findfont 20 scalefont "
      "setfont 5 20 moveto (Test) show\n");
  write_file(folder / "a.pdf", pdf_of({"0 0 1"}));

  for (const char* name : {"a.svg", "a.eps", "a.pdf"}) expect_same(folder / name);
}

TEST_F(Sandbox, DocumentsOfTheSharedMediaAreMade) {
  for (const char* name :
       {"docs/lorem-pdfa-1b.pdf", "docs/testPDFVarious.pdf", "docs/pdf20-image-bpc.pdf",
        "docs/testPDF_protected.pdf", "docs/testEPUB.epub", "docs/testPages2013.pages",
        "design/edl-explain.ai", "design/BlueSquare.eps", "design/heawood.eps", "stills/test3.svg",
        "stills/batikLogo.svg", "stills/iphone-IMG_2682.heic", "stills/8bit-sRGB.jxl",
        "stills/cmyk.jpg", "stills/CTC24.TGA"}) {
    const path source = shared_media() / name;
    if (exists(source)) expect_same(source);
  }
}

}  // namespace
}  // namespace lensfs::test
