#include "transcode/image/ghostscript.h"

#include <fmt/format.h>
#include <ghostscript/gdevdsp.h>
#include <ghostscript/iapi.h>
#include <ghostscript/ierrors.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>

namespace lensfs {
namespace {

// What the callbacks of one run share.
struct Run {
  explicit Run(const PostscriptPage& wanted) : page(wanted) {}

  const PostscriptPage& page;
  std::vector<std::uint8_t> picture;  // empty until the page is there
  std::string said;
  display_callback display{};
  const unsigned char* canvas = nullptr;
  std::size_t row_bytes = 0;
  int width = 0;
  int height = 0;
};

int well(void* /*run*/, void* /*device*/) {
  return 0;
}

int presize(void* /*run*/, void* /*device*/, int /*width*/, int /*height*/, int /*row_bytes*/,
            unsigned /*format*/) {
  return 0;
}

int resize(void* run_of, void* /*device*/, int width, int height, int row_bytes,
           unsigned /*format*/, unsigned char* canvas) {
  auto& run = *static_cast<Run*>(run_of);
  run.canvas = canvas;
  run.row_bytes = static_cast<std::size_t>(row_bytes);
  run.width = width;
  run.height = height;
  return 0;
}

// The first page is kept; the poll below ends the program then.
int take_page(void* run_of, void* /*device*/, int /*copies*/, int /*flush*/) {
  auto& run = *static_cast<Run*>(run_of);
  if (!run.picture.empty() || run.canvas == nullptr) return 0;
  if (run.width != run.page.width || run.height != run.page.height) return 0;
  const std::size_t row = static_cast<std::size_t>(run.width) * 3;
  run.picture.resize(row * static_cast<std::size_t>(run.height));
  for (std::size_t y = 0; y < static_cast<std::size_t>(run.height); ++y)
    std::memcpy(run.picture.data() + y * row, run.canvas + y * run.row_bytes, row);
  return 0;
}

int is_over(void* run_of) {
  return static_cast<const Run*>(run_of)->picture.empty() ? 0 : gs_error_interrupt;
}

int give_nothing(void* /*run*/, char* /*into*/, int /*length*/) {
  return 0;
}

int take_words(void* run_of, const char* words, int length) {
  auto& run = *static_cast<Run*>(run_of);
  constexpr std::size_t kMost = 2000;
  const auto count = static_cast<std::size_t>(std::max(length, 0));
  run.said.append(words, std::min(count, kMost - std::min(kMost, run.said.size())));
  return length;
}

int give_display(void* /*instance*/, void* run_of, const char* /*device*/, int id, int /*size*/,
                 void* answer_of) {
  if (id != DISPLAY_CALLOUT_GET_CALLBACK) return -1;
  auto& answer = *static_cast<gs_display_get_callback_t*>(answer_of);
  answer.callback = &static_cast<Run*>(run_of)->display;
  answer.caller_handle = run_of;
  return 0;
}

void set_display(Run& run) {
  run.display.size = sizeof(display_callback);
  run.display.version_major = DISPLAY_VERSION_MAJOR;
  run.display.version_minor = DISPLAY_VERSION_MINOR;
  run.display.display_open = well;
  run.display.display_preclose = well;
  run.display.display_close = well;
  run.display.display_presize = presize;
  run.display.display_size = resize;
  run.display.display_sync = well;
  run.display.display_page = take_page;
}

std::vector<std::string> arguments_of(const PostscriptPage& page) {
  // Three bytes a pixel, red first, top row first.
  constexpr int kFormat = int{DISPLAY_COLORS_RGB} | int{DISPLAY_DEPTH_8};
  return {"lensfs",
          "-q",
          "-dSAFER",
          "-dBATCH",
          "-dNOPAUSE",
          "-P-",
          "-dNOPLATFONTS",
          "-dTextAlphaBits=4",
          "-dGraphicsAlphaBits=4",
          "-dFIXEDMEDIA",
          "-dMaxBitmap=1000000000",  // never a file for parts of the page
          "-sDEVICE=display",
          fmt::format("-dDisplayFormat={}", kFormat),
          fmt::format("-g{}x{}", page.width, page.height),
          fmt::format("-r{:.5f}", page.resolution)};
}

// Feeds the program in pieces, and a showpage in case it has none.
int feed(void* instance, std::string_view program) {
  int exit_code = 0;
  int code = gsapi_run_string_begin(instance, 0, &exit_code);
  constexpr std::size_t kPiece = 60000;  // Ghostscript takes less than 64 KiB at once
  while (!program.empty() && (code == 0 || code == gs_error_NeedInput)) {
    const std::string_view piece = program.substr(0, kPiece);
    code = gsapi_run_string_continue(instance, piece.data(), static_cast<unsigned>(piece.size()), 0,
                                     &exit_code);
    program.remove_prefix(piece.size());
  }
  if (code == 0 || code == gs_error_NeedInput) code = gsapi_run_string_end(instance, 0, &exit_code);
  if (code == 0) code = gsapi_run_string(instance, "\nshowpage\n", 0, &exit_code);
  return code;
}

// -dSAFER leaves the folder for temporary files open, and more as long as Ghostscript has not
// started a file, which it never does here.
void allow_resources(void* instance) {
  for (const int what : {GS_PERMIT_FILE_READING, GS_PERMIT_FILE_WRITING, GS_PERMIT_FILE_CONTROL})
    gsapi_purge_control_paths(instance, what);
  for (const char* folder : {"/usr/share/ghostscript/*", "/usr/share/color/*", "/usr/share/fonts/*",
                             "/usr/share/poppler/*", "/var/lib/ghostscript/*"})
    gsapi_add_control_path(instance, GS_PERMIT_FILE_READING, folder);
  gsapi_activate_path_control(instance, 1);
}

int interpret(void* instance, Run& run, std::string_view program) {
  std::vector<std::string> arguments = arguments_of(run.page);
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int code = gsapi_init_with_args(instance, static_cast<int>(pointers.size()), pointers.data());
  if (code != 0) return code;
  allow_resources(instance);
  int exit_code = 0;
  const std::string move = fmt::format("{} {} translate\n", -run.page.left, -run.page.bottom);
  code = gsapi_run_string(instance, move.c_str(), 0, &exit_code);
  return code == 0 ? feed(instance, program) : code;
}

// The first line that it said.
std::string words_of(const Run& run) {
  std::string said = run.said.substr(0, run.said.find('\n'));
  while (!said.empty() && (said.back() == ' ' || said.back() == '\r')) said.pop_back();
  return said;
}

}  // namespace

Result<std::vector<std::uint8_t>> draw_postscript(std::string_view program,
                                                  const PostscriptPage& page) {
  Run run(page);
  set_display(run);
  void* made = nullptr;
  if (gsapi_new_instance(&made, &run) < 0)
    return fail(Error(Errc::busy, "Ghostscript cannot be started"));
  const std::unique_ptr<void, void (*)(void*)> instance(made, gsapi_delete_instance);
  gsapi_set_stdio_with_handle(made, give_nothing, take_words, take_words, &run);
  gsapi_set_poll_with_handle(made, is_over, &run);
  gsapi_set_arg_encoding(made, GS_ARG_ENCODING_UTF8);
  if (gsapi_register_callout(made, give_display, &run) < 0)
    return fail(Error(Errc::busy, "Ghostscript cannot be started"));
  const int code = interpret(made, run, program);
  gsapi_exit(made);
  if (!run.picture.empty()) return std::move(run.picture);
  if (code == 0 || code == gs_error_Quit) return fail(Error(Errc::corrupt, "it draws nothing"));
  return fail(Error(Errc::corrupt, "cannot be drawn").with(words_of(run)));
}

}  // namespace lensfs
