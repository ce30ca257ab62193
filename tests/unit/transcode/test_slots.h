// Outlines that do what their source says: "slots 100" and then, in any order, "crash 17" (the
// first time that slot is rendered: the decoder dies), "always-crash 17", "damaged 20", "refuse
// 30", "hang 40", "group 50" (an entry every 50 slots). Each slot is kTestSlot bytes that tell its
// number.
#pragma once

#include <string>

#include "transcode/outline.h"

namespace lensfs::test {

inline constexpr std::int64_t kTestSlot = 4096;

[[nodiscard]] std::string test_slot(std::int64_t slot);
[[nodiscard]] Result<Made> outline_test(const MediaSource& source, const Recipe& recipe,
                                        const OutlineFiles& files);
[[nodiscard]] Result<std::unique_ptr<SlotRenderer>> open_test_slots(const MediaSource& source,
                                                                    const Recipe& recipe,
                                                                    const OutlineFiles& files);

}  // namespace lensfs::test
