#include "tests/fault/ingest_report.h"

#include <sstream>

#include <nlohmann/json.hpp>

namespace lensfs::test {

IngestReport ingest_report(const std::string& json_lines) {
  IngestReport report;
  std::istringstream lines(json_lines);
  for (std::string line; std::getline(lines, line);) {
    const auto event = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!event.is_object() || !event.contains("path") || !event.contains("status")) continue;
    report[event["path"].get<std::string>()] = event["status"].get<std::string>();
  }
  return report;
}

}  // namespace lensfs::test
