// A check as people read it in a terminal: a screenful, grouped by how certain it is; or every finding, one a line.
#pragma once

#include <string>

#include "vetset/check/report/reported.h"

namespace vetset {

struct Source;
struct CheckReport;

struct TextOptions {
  bool color = false;
  unsigned width = 100;      // columns of the terminal
  bool all = false;          // every finding, one line each
  unsigned lines = 24;       // of the screen, which the summary tries to fit
  std::string config = {};   // the vetset.toml that holds; empty: none
  std::string command = {};  // how to call the dataset in the next command; empty: the source's name
};

std::string text_report(const Reported& report, const TextOptions& options = {});
/// The same from a check; looks up the lines of what it shows.
std::string text_report(const Source& source, const CheckReport& report, const TextOptions& options = {});

}  // namespace vetset
