import { requireUint } from '../../wrappers/checks';
import { AgreedClose } from './agreedClose';
import { BookStep, BookTerms } from './bookTerms';
import { refuseIf } from './channelErrors';
import { ChannelTerms } from './channelTerms';

// What the chain shows of a channel, told to the book of either side. Views arrive in any order: an older one is refused, the
// same again changes nothing.

/** What both books have. */
interface Book {
    readonly terms: BookTerms;
    readonly agreed: AgreedClose | null;
}

/** A view of one opening of a channel. */
export type Sighting<Field extends keyof ChannelTerms = never> = Pick<ChannelTerms, 'openedLt' | Field>;

/**
 * Tells that the channel was seen alive in this opening; a close agreement that nobody can use any more is forgotten.
 *
 * @param sighting - at: unix seconds of the chain, not of this machine
 * @throws ChannelError `foreign-opening`
 */
export function seenAlive<State extends Book>(
    state: State,
    sighting: Sighting & { at: number },
): BookStep<State, null> {
    requireSameOpening(state, sighting);
    requireUint('at', sighting.at, 32);
    const isVoid = state.agreed !== null && sighting.at >= state.agreed.validUntil;
    return { state: isVoid ? { ...state, agreed: null } : state, output: null };
}

/**
 * Tells a higher deposit, in nanoTON, cumulative.
 *
 * @throws ChannelError `foreign-opening` or `falling-deposit`
 */
export function toppedUp<State extends Book>(
    state: State,
    sighting: Sighting<'totalDeposited'>,
): BookStep<State, null> {
    requireSameOpening(state, sighting);
    const totalDeposited = requireUint('totalDeposited', sighting.totalDeposited, 64);
    refuseIf(totalDeposited < state.terms.totalDeposited, 'falling-deposit', 'A deposit never falls; the view is old');
    return withTerms(state, { totalDeposited });
}

/**
 * Tells what went to the till, in nanoTON, cumulative.
 *
 * @throws ChannelError `foreign-opening`, `falling-claim`, or `above-deposit` where the deposit is to be told first
 */
export function claimedOnChain<State extends Book>(state: State, sighting: Sighting<'claimed'>): BookStep<State, null> {
    requireSameOpening(state, sighting);
    const claimed = requireUint('claimed', sighting.claimed, 64);
    refuseIf(claimed < state.terms.claimed, 'falling-claim', 'What was claimed never falls; the view is old');
    refuseIf(claimed > state.terms.totalDeposited, 'above-deposit', 'More than is deposited; tell the deposit first');
    return withTerms(state, { claimed });
}

/**
 * Tells an earlier end, in unix seconds: a close was requested.
 *
 * @throws ChannelError `foreign-opening` or `later-closing`
 */
export function closesAtMoved<State extends Book>(state: State, sighting: Sighting<'closesAt'>): BookStep<State, null> {
    requireSameOpening(state, sighting);
    const closesAt = Number(requireUint('closesAt', sighting.closesAt, 32));
    refuseIf(closesAt === 0, 'foreign-opening', 'The channel is not open');
    refuseIf(closesAt > state.terms.closesAt, 'later-closing', 'An end never moves to later; the view is old');
    return withTerms(state, { closesAt });
}

function withTerms<State extends Book>(state: State, change: Partial<BookTerms>): BookStep<State, null> {
    const known = (Object.keys(change) as (keyof BookTerms)[]).every((field) => state.terms[field] === change[field]);
    return { state: known ? state : { ...state, terms: { ...state.terms, ...change } }, output: null };
}

function requireSameOpening({ terms }: Book, { openedLt }: Sighting): void {
    refuseIf(
        openedLt !== terms.openedLt,
        'foreign-opening',
        'This is another opening of the channel; it has its own book',
    );
}
