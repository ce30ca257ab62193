#include "tools/cli/preview.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <span>

#include "catalog/model/job.h"
#include "catalog/model/sequence.h"
#include "transcode/client/engines.h"

namespace lensfs {
namespace {

constexpr int kSide = 320;                                   // pixels
constexpr std::size_t kMostPicture = std::size_t{4} << 20U;  // bytes of PNG
constexpr std::size_t kChunk = 4096;                         // of what kitty takes at once

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group <<= 8U;
      if (at + i < bytes.size()) group |= static_cast<unsigned char>(bytes[at + i]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool is_there = at + i <= bytes.size();
      text += is_there ? kDigits[group >> (18 - 6 * i) & 0x3FU] : '=';
    }
  }
  return text;
}

std::string sequence_for(PictureTerminal terminal, std::string_view png) {
  const std::string text = base64(png);
  if (terminal == PictureTerminal::iterm) {
    return fmt::format("\033]1337;File=inline=1;size={}:{}\a\n", png.size(), text);
  }
  std::string sequence;
  for (std::size_t at = 0; at < text.size(); at += kChunk) {
    const bool is_last = at + kChunk >= text.size();
    sequence += fmt::format("\033_G{}m={};{}\033\\", at == 0 ? "a=T,f=100," : "", is_last ? 0 : 1,
                            std::string_view(text).substr(at, kChunk));
  }
  return sequence + "\n";
}

Result<std::optional<ObjectKey>> thumb_of(Database& db, const RenditionSettings& settings,
                                          const Asset& asset) {
  const Profile* profile = settings.profiles.find("thumb");
  if (profile == nullptr || number(asset.version) == 0) return std::optional<ObjectKey>();
  LENSFS_TRY(const auto recipe, recipe_for(db, *profile, asset, asset.name));
  if (!recipe) return std::optional<ObjectKey>();
  LENSFS_TRY(const Version version, find_version(db, asset.version));
  LENSFS_TRY(const Standing standing, standing_of(db, version.object, *recipe));
  if (!standing.ready) return std::optional<ObjectKey>();
  LENSFS_TRY(const ObjectKey thumb, find_object(db, standing.ready->object));
  return std::optional(thumb);
}

Result<std::string> png_of(Catalog& catalog, const RenditionSettings& settings,
                           const ObjectKey& thumb) {
  LENSFS_TRY(const Fd file, catalog.store().open_object(thumb));
  const Fd output(::memfd_create("preview", MFD_CLOEXEC));
  if (!output) return last_error("make a preview");
  const auto engines = make_engines(settings);
  LENSFS_CHECK(engines->start());
  const Order order{
      .recipe = {.form = Recipe::Form::still, .width = kSide, .height = kSide, .format = "png"},
      .output = output.get()};
  const MediaSource source{
      .fd = file.get(), .size = static_cast<std::int64_t>(thumb.size), .extension = {}};
  const Answers answers = engines->run(source, std::span(&order, 1), Engine::stills, {}, {});
  if (answers.empty()) return fail(Errc::io, "the engine did not answer");
  if (!answers.front()) return fail(answers.front().error());
  LENSFS_TRY(const struct stat status, stat_of(output.get()));
  std::string png(std::min(static_cast<std::size_t>(status.st_size), kMostPicture), '\0');
  LENSFS_TRY([[maybe_unused]] const std::size_t got,
             read_full(output.get(), std::as_writable_bytes(std::span(png)), 0));
  return png;
}

}  // namespace

PictureTerminal picture_terminal() {
  const std::string_view program = environment("TERM_PROGRAM");
  const std::string_view term = environment("TERM");
  if (term.find("kitty") != std::string_view::npos || program == "ghostty" ||
      !environment("KITTY_WINDOW_ID").empty()) {
    return PictureTerminal::kitty;
  }
  if (program == "iTerm.app" || program == "WezTerm" || program == "vscode" ||
      program == "mintty") {
    return PictureTerminal::iterm;
  }
  return PictureTerminal::none;
}

Result<bool> is_preview_wanted(const std::optional<std::string>& word) {
  if (!word || *word == "auto") {
    return ::isatty(STDOUT_FILENO) != 0 && picture_terminal() != PictureTerminal::none;
  }
  if (*word == "always") return true;
  if (*word == "never") return false;
  return fail(Error(Errc::usage, "give auto, always or never").with("--preview"));
}

Result<std::string> preview_of(Catalog& catalog, const RenditionSettings& settings,
                               const Asset& asset, PictureTerminal terminal) {
  std::optional<ObjectKey> thumb;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(thumb, thumb_of(*reader, settings, asset));
  }
  if (!thumb) return std::string();
  LENSFS_TRY(const std::string png, png_of(catalog, settings, *thumb));
  // Told to show one on a terminal that is not known: the newer of the two.
  return sequence_for(terminal == PictureTerminal::none ? PictureTerminal::kitty : terminal, png);
}

}  // namespace lensfs
