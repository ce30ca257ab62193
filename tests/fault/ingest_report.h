// What `lensfs ingest --json` acknowledged: one JSON object per line, printed after the commit.
#pragma once

#include <map>
#include <string>

namespace lensfs::test {

// Source path → status ("added", "unchanged" …). A last line that was cut short is no report.
using IngestReport = std::map<std::string, std::string>;
[[nodiscard]] IngestReport ingest_report(const std::string& json_lines);

}  // namespace lensfs::test
