// A proof read back from its document, for those who ask what a conversion cost.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "vetset/base/limits.h"
#include "vetset/base/result.h"
#include "vetset/dataset/statement.h"

namespace vetset {

/// The parts of a proof that say what became of the data: formats, names, listed files, counts, lines, renamings.
/// Text that its lines show is kept with it.
class ReadProof {
 public:
  static Result<ReadProof> parse(std::string_view json, std::string_view name, const Limits& limits = {});
  const Proof& proof() const { return *proof_; }

 private:
  // Lines hold views into what is kept here, so neither moves.
  std::unique_ptr<Proof> proof_ = std::make_unique<Proof>();
  std::unique_ptr<std::vector<std::string>> words_ = std::make_unique<std::vector<std::string>>();
};

}  // namespace vetset
