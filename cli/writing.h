// What every verb shares that writes a dataset: the flags, the conversion itself, and what is told of it.
#pragma once

#include <string>

#include "cli/command.h"
#include "vetset/vetset.h"

namespace vetset::cli {

/// Where a dataset comes from, and how it is written.
struct WritingFlags {
  std::string src;                                       // as it was typed; empty where there are several
  std::string from, images_dir;                          // opening
  std::string to, task, accept, images = "copy", proof;  // writing; `to` empty: the source's own format
  int digits = -1;
  unsigned threads = 0;
  bool dry_run = false, overwrite = false, json = false, all = false;
};

/// Declares --from, --images-dir, --to … on a command.
void define_opening(Arguments& arguments, WritingFlags& flags);
void define_writing(Arguments& arguments, WritingFlags& flags, std::string_view to_help);

/// The options that open what a verb reads.
OpenOptions opening(Terminal& t, const WritingFlags& flags);

/// The options that write it.
ConvertOptions converting(Terminal& t, const Source& source, const WritingFlags& flags);

/// Converts `source`, with whatever was done to it, to `target`, and tells what became of it. `command` is the verb as
/// it was typed, with its own flags and without those of `flags`: where the target asks something, it is shown again
/// with the answers. Returns the exit status.
/// `options` are those of `converting`, with what the verb adds to them.
int write_out(Terminal& t, const Source& source, const std::string& target, const WritingFlags& flags,
              const std::string& command, const ConvertOptions& options);
int write_out(Terminal& t, const Source& source, const std::string& target, const WritingFlags& flags,
              const std::string& command);

}  // namespace vetset::cli
