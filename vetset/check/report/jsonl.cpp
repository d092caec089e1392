#include "vetset/check/report/jsonl.h"

#include "vetset/check/report/json.h"

namespace vetset {

std::string jsonl_report(const Reported& report) {
  std::string out;
  for (const ReportedFinding& finding : report.findings) (out += finding_json(finding)) += '\n';
  return out;
}

}  // namespace vetset
