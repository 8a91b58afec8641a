import { tactConstant } from '../helpers/sources';
import { Cause } from './model/types';

/** What the TVM says where no contract of ours speaks. */
const TVM: Partial<Record<Cause, number>> = { UNKNOWN_MESSAGE: 130 };

/** The exit code by which a contract names a cause: its constant in contracts/common/errors.tact. */
export function exitCodeOf(cause: Cause): number | undefined {
    return cause === 'NO_CONTRACT' ? undefined : (TVM[cause] ?? Number(tactConstant(`ERROR_${cause}`)));
}
