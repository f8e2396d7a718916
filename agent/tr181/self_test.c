/* SPDX-License-Identifier: Apache-2.0 */
/* Device.SelfTestDiagnostics. (TR-181 2.19.1) */
#include "agent/tr181/self_test.h"

#include "agent/tr181/diag.h"

static const char *const states[] = {
	"None", "Requested", "Complete", "Error_Internal", "Error_Other", "Canceled", NULL,
};

static const struct self_test *test_of(const struct dm_inst *in)
{
	static const struct self_test none;
	const struct self_test *t = dm_ctx(in);

	return t ? t : &none;
}

DIAG_GETTER(results, test_of, dm_put_str, r->results)

static const struct dm_param params[] = {
	DIAG_ROW_STATE(states, .notify = DM_CAN_DENY),
	DIAG_ROW_RESULT("Results", DM_STRING, results, DM_MAXLEN(SELF_TEST_RESULTS_MAX),
			.notify = DM_CAN_DENY),
};

DIAG_MODULE(self_test, "SelfTestDiagnostics")

const struct dm_object self_test =
	DM_SINGLE("Device.SelfTestDiagnostics.", params, .module = &module, .when = here);
