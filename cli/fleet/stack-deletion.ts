/** The command that lets a stack be deleted: those of a fleet are protected from that unless `removal` is `destroy`. */
export function liftingProtection(stack: string): string {
  return `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${stack}`;
}

/** The commands that delete a stack, protected or not. */
export function stackDeletion(stack: string): string {
  return `${liftingProtection(stack)} && aws cloudformation delete-stack --stack-name ${stack}`;
}
