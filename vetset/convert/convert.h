// Write, read back, compare: a conversion is what could be proved. Nothing is published that was not.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/statement.h"
#include "vetset/formats/format.h"

namespace vetset {

/// `options` with the task that will be written: choices and declarations depend on it.
WriteOptions settled(const Dataset& dataset, const Format& to, WriteOptions options);

/// The questions that `to` asks of this dataset, with counts and first examples, answered by `options.policies`.
std::vector<Decided> decisions(const Dataset& dataset, const Format& to, const WriteOptions& options);

/// Writes `dataset` to `out` (empty so far), reads `written` (the same place) back with the format's own reader, joins
/// by the writer's emission map, and compares every field. Fails where a decision is open (Code::refused), where the
/// format refuses the dataset, or where writing or reading fails. An undeclared loss is in the proof, not an error:
/// the caller must look at `undeclared()` before it publishes.
Result<Proof> write_proved(const Dataset& dataset, const Tree& media, const Format& to, TreeWriter& out,
                           const Tree& written, const WriteOptions& options);
/// The same where the place can be looked at only once everything is written; `written` is called once, and what it
/// gives must live until `write_proved` returns.
Result<Proof> write_proved(const Dataset& dataset, const Tree& media, const Format& to, TreeWriter& out,
                           const std::function<Result<const Tree*>()>& written, const WriteOptions& options);

/// "crowd=drop,parts=bridge": what was decided, and of what was not, what most people choose.
std::string usual_answers(const std::vector<Decided>& decisions);
/// The first policy of every choice that `policies` leaves open.
Policies with_usual(Policies policies, const Format& to);

}  // namespace vetset
