#include "sds.h"

const struct sds_family sds_2_8 = {{8, 8, 8, 8, 8, 8, 8, 8}};
const struct sds_family sds_3_2 = {{3, 1, 3, 3, 5, 5, 9, 17}};
const struct sds_family sds_8_2 = {{3, 1, 3, 5, 5, 9, 9, 17}};
const struct sds_family sds_embedded = {{1, 1, 3, 5, 5, 9, 9, 17}};
const struct sds_family sds_entry = {{3, 3, 3, 5, 5, 9, 9, 17}};
const struct sds_family sds_argument = {{3, 3, 3, 3, 5, 5, 9, 17}};
const struct sds_family mstr_7_4 = {{1, 1, 3, 3, 3, 3, 9, 9}};
