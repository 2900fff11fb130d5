/** Streams are proxied to the kubelet: what it refuses reaches the client as the kubelet says it, in plain words. */
import { ApiStatusError, failure } from '#common/kube/status-error';
import type { ApiResponse } from '../api-request';
import { textResponse } from '../bodies';

/** A refusal of the kubelet's own server. */
export function kubeletRefusal(code: number, words: string): ApiStatusError {
  return failure(code, '', words);
}

/** Runs what the kubelet answers to; its refusals become its answers. */
export async function asKubeletAnswers(answer: () => Promise<ApiResponse>): Promise<ApiResponse> {
  try {
    return await answer();
  } catch (problem) {
    if (problem instanceof ApiStatusError) return textResponse(problem.code, problem.message);
    throw problem;
  }
}
