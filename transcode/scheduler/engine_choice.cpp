#include "transcode/scheduler/engine_choice.h"

#include <fmt/format.h>

#include "catalog/model/frame_name.h"

namespace lensfs {

Result<Engine> engine_of(std::string_view kind, const Recipe& recipe) {
  using Form = Recipe::Form;
  if (recipe.form == Form::facts) return Engine::facts;
  const auto has_none = [&](const char* why) {
    return fail(Error(Errc::not_supported, why)
                    .with(fmt::format("no {} is made of kind {}", name_of(recipe.form), kind)));
  };
  if (kind == "image" || kind == "document" || kind == "design") {
    if (recipe.form == Form::still) return Engine::stills;
    return has_none("it takes no time");
  }
  const bool is_moving = recipe.form == Form::video || recipe.form == Form::filmstrip;
  if (kind == kSequenceKind) {
    if (recipe.form == Form::still) return Engine::stills;
    if (is_moving) return Engine::timed;
    return has_none("it is made of numbered pictures");
  }
  if (kind == "audio" && is_moving) return has_none("it has no moving picture");
  return Engine::timed;
}

}  // namespace lensfs
