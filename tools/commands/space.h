// lensfs info --space.
#pragma once

#include "catalog/model/catalog.h"
#include "tools/command.h"

namespace lensfs {

[[nodiscard]] Result<ExitCode> show_space(const Invocation& invocation, Catalog& catalog);

}  // namespace lensfs
