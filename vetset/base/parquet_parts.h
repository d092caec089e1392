// What the two halves of the module that knows Apache Arrow share. For parquet.cpp and parquet_read.cpp only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/parquet.h"
#include "vetset/base/row_groups.h"

namespace vetset {

// As the members of ParquetModule say.
Result<void> read_parquet(std::string_view file, const std::vector<std::string>& columns,
                          const std::function<Result<void>(const Table&)>& take);
Result<std::unique_ptr<RowGroups>> open_parquet(std::uint64_t size, ReadRange read);

}  // namespace vetset
